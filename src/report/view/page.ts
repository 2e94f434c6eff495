import { createHash } from 'node:crypto';

import { html, trusted } from './html.ts';
import type { Markup } from './html.ts';
import { changes } from './changes.ts';
import { failedRows } from './failed.ts';
import type { Facts } from './facts.ts';
import { certificates, worstHosts } from './hosts.ts';
import { outcomes } from './outcomes.ts';
import { overview } from './overview.ts';
import type { Section } from './parts.ts';
import { redirects } from './redirects.ts';
import { times } from './times.ts';

/** What the page brings with it: its script, with the library of the charts in it, and its style sheet. */
export interface Assets {
  readonly script: string;
  readonly style: string;
}

/** The whole page. It loads nothing from anywhere. */
export function reportPage(facts: Facts, { script, style }: Assets): string {
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const sections = [
    outcomes(facts),
    changes(facts),
    ...times(facts),
    worstHosts(facts),
    certificates(facts),
    redirects(facts),
    failedRows(facts),
  ].filter((part) => part !== null);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>${facts.name}: fetch report</title>
        ${trusted(`<style>${style}</style>`)}
      </head>
      <body>
        <main>${overview(facts)}${contents(sections)}${sections.map(sectionMarkup)}</main>
        ${footer(facts)} ${trusted(`<script>${script}</script>`)}
      </body>
    </html> `.text;
}

function contents(sections: readonly Section[]): Markup {
  return html`<nav aria-label="Contents">
    <ul>
      ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li> `)}
    </ul>
  </nav> `;
}

function sectionMarkup({ id, title, content }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${content}
  </section> `;
}

function footer({ version }: Facts): Markup {
  return html`<footer>
    <p>
      Made by urlmill ${version}. Failed are rows with a failure code or a status of 400 and above. All
      figures are exact unless it says otherwise beside them. The charts are drawn by
      <a href="https://observablehq.com/plot/" rel="noreferrer noopener">Observable Plot</a> (ISC licence; its
      notices stand in the source of this page).
    </p>
  </footer> `;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
