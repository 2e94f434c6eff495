import { grouped } from '../../watch/progress.ts';
import { mostHosts } from '../count/hosts.ts';
import type { Reason } from '../count/codes-by-slot.ts';
import { html } from './html.ts';
import type { Markup } from './html.ts';
import type { Facts } from './facts.ts';
import { bar, counted, note, percent, section, table } from './parts.ts';
import type { Section } from './parts.ts';

const hostsShown = 20;
const faultsShown = 50;

const inexactly = `There are more than ${grouped(mostHosts)} such hosts, too many to count each of them exactly.`;

/** The hosts with the most failed rows. */
export function worstHosts({ figures: { hosts } }: Facts): Section | null {
  const worst = hosts.worst(hostsShown);
  const { total, size, isExact } = hosts.failing;
  if (worst.length === 0) return null;
  const most = worst[0]?.failed ?? 1;
  const shown = worst.map(({ host, failed, rows, reasons }) => [
    html`<bdi class="url">${host}</bdi> <small>${reasonsOf(reasons)}</small>`,
    bar(failed / most, 'failed'),
    grouped(failed),
    rows === null ? '–' : grouped(rows),
    rows === null ? '–' : percent(failed, rows),
  ]);
  const others = total - worst.reduce((sum, { failed }) => sum + failed, 0);
  if (others > 0) {
    const rest = isExact ? `${grouped(size - worst.length)} other hosts` : 'all other hosts';
    shown.push([html`${rest}`, html``, grouped(others), '–', '–']);
  }
  return section(
    'worst-hosts',
    'Hosts with the most failed rows',
    table(
      'Hosts with the most failed rows',
      [
        { title: 'Host', kind: 'wide' },
        { title: html`<span class="unseen">Number as a bar</span>`, kind: 'bar' },
        { title: 'Failed', kind: 'number' },
        { title: 'Of rows', kind: 'number' },
        { title: 'Share', kind: 'number' },
      ],
      shown,
    ),
    isExact
      ? null
      : note(
          `${inexactly} No host has fewer failed rows than are shown, and none with more than ${grouped(Math.ceil(total / mostHosts))} is missing.`,
        ),
  );
}

function reasonsOf(reasons: readonly Reason[]): Markup {
  const [first, second, ...others] = reasons;
  const shown = [first, second].filter((reason) => reason !== undefined);
  return html`${shown.map(
    ({ code, count }, index) => html`${index === 0 ? '' : ', '}<code>${code}</code> ${grouped(count)}`,
  )}${others.length > 0 ? ', …' : ''}`;
}

/** Hosts whose certificates were not accepted. */
export function certificates({ figures: { hosts } }: Facts): Section | null {
  const faults = hosts.tlsFaults(faultsShown);
  const { size, total, isExact } = hosts.tls;
  if (size === 0) return null;
  const rest = total - faults.reduce((sum, { count }) => sum + count, 0);
  const more = rest > 0 ? `${counted(rest, 'row')} more failed so, of other hosts.` : '';
  const inexact = isExact ? '' : `${inexactly} No host has fewer such rows than are shown.`;
  return section(
    'certificates',
    'Certificates and TLS that failed',
    table(
      'Hosts with TLS failures',
      [{ title: 'Host', kind: 'wide' }, { title: 'Failure' }, { title: 'Rows', kind: 'number' }],
      faults.map(({ host, code, count }) => [
        html`<bdi class="url">${host}</bdi>`,
        html`<code>${code}</code>`,
        grouped(count),
      ]),
    ),
    more + inexact === '' ? null : note(`${more} ${inexact}`.trim()),
  );
}
