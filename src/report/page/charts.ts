import * as Plot from '@observablehq/plot';
import type { PlotOptions } from '@observablehq/plot';

import { numberOf } from './sort.ts';

type Chart = (rows: readonly HTMLTableRowElement[], table: HTMLTableElement, width: number) => PlotOptions;

/** The charts by the `data-chart` of the table that they show. */
const charts: Readonly<Record<string, Chart>> = { 'time-line': timeLine, histogram, hosts };

/** Draws a chart above each table that asks for one, and folds the table. */
export function drawCharts(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>('table[data-chart]')) {
    const figure = table.closest('figure');
    const chart = charts[table.dataset['chart'] ?? ''];
    if (figure !== null && chart !== undefined) draw(figure, table, chart);
  }
}

function draw(figure: HTMLElement, table: HTMLTableElement, chart: Chart): void {
  const details = figure.querySelector('details');
  const rows = [...(table.tBodies[0]?.rows ?? [])];
  const place = document.createElement('div');
  figure.prepend(place);
  if (details !== null) details.open = false;
  let drawn = 0;
  const redraw = (): void => {
    const width = Math.floor(figure.clientWidth);
    if (width === 0 || width === drawn) return;
    drawn = width;
    const svg = Plot.plot({ ...chart(rows, table, width), width });
    // The style sheet of the page has these rules already; its Content-Security-Policy forbids other styles.
    svg.querySelector('style')?.remove();
    // To a screen reader the chart is one image: its parts need no labels.
    for (const part of svg.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', `${table.caption?.textContent ?? ''}; the figures follow as a table`);
    place.replaceChildren(svg);
  };
  redraw();
  new ResizeObserver(redraw).observe(figure);
}

function cell(row: HTMLTableRowElement, index: number): string {
  return row.cells[index]?.textContent.trim() ?? '';
}

function timeLine(rows: readonly HTMLTableRowElement[], table: HTMLTableElement, width: number): PlotOptions {
  const span = Number(table.dataset['width']);
  const spans = rows.flatMap((row) => {
    const start = new Date(row.querySelector('time')?.dateTime ?? '');
    const x = { x1: start, x2: new Date(start.getTime() + span) };
    return [
      { ...x, kind: 'good', rows: numberOf(cell(row, 1)) },
      { ...x, kind: 'failed', rows: numberOf(cell(row, 2)) },
    ];
  });
  return {
    height: 210,
    marginTop: 30,
    marginLeft: 72,
    x: { type: 'utc', label: null, ticks: Math.max(2, Math.floor(width / 100)), tickFormat: timeText },
    y: { label: 'Rows', grid: true, tickFormat: ',d', ticks: 4, nice: true },
    marks: [
      Plot.rectY(
        spans,
        Plot.stackY({
          x1: 'x1',
          x2: 'x2',
          y: 'rows',
          order: (a: { kind: string }, b: { kind: string }) => (a.kind < b.kind ? -1 : 1),
          fill: (span_: { kind: string }) => `var(--${span_.kind})`,
          inset: 0,
          insetRight: width > 600 ? 1 : 0,
        }),
      ),
      Plot.ruleY([0]),
    ],
  };
}

function histogram(
  rows: readonly HTMLTableRowElement[],
  _table: HTMLTableElement,
  width: number,
): PlotOptions {
  const buckets = rows.map((row) => {
    const { from, to } = row.querySelector('span')?.dataset ?? {};
    // On a logarithmic axis the first bucket has no left end, and the last one no right end; they are as wide as the others.
    const [low, high] = [Number(from), Number(to)];
    return {
      x1: low === 0 ? high / 1.6 : low,
      x2: high === 0 ? low * 1.6 : high,
      rows: numberOf(cell(row, 1)),
    };
  });
  return {
    height: 250,
    marginTop: 30,
    marginLeft: 72,
    marginBottom: 44,
    x: {
      type: 'log',
      label: 'Milliseconds, on a logarithmic scale',
      labelOffset: 40,
      ...logTicks(width),
    },
    y: { label: 'Rows', grid: true, tickFormat: ',d', ticks: 4, nice: true },
    marks: [
      Plot.rectY(buckets, { x1: 'x1', x2: 'x2', y: 'rows', fill: 'var(--plain)', inset: 0.5 }),
      Plot.ruleY([0]),
    ],
  };
}

function hosts(rows: readonly HTMLTableRowElement[], _table: HTMLTableElement, width: number): PlotOptions {
  const all = rows.map((row) => ({
    host: cell(row, 0),
    median: Math.max(numberOf(cell(row, 2)), 1),
    max: Math.max(numberOf(cell(row, 4)), 1),
  }));
  const margin = Math.min(220, width * 0.42);
  return {
    marginLeft: margin,
    marginTop: 8,
    marginRight: 24,
    insetLeft: 12,
    marginBottom: 44,
    x: {
      type: 'log',
      label: 'Milliseconds, on a logarithmic scale: the median, and a line to the longest',
      labelOffset: 40,
      grid: true,
      ...logTicks(width - margin),
    },
    y: { label: null, domain: all.map(({ host }) => host) },
    marks: [
      Plot.axisY({ tickSize: 0, tickFormat: (host: string) => cut(host, Math.floor(margin / 7)) }),
      Plot.ruleY(all, { y: 'host', x1: 'median', x2: 'max', stroke: 'var(--plain)', strokeOpacity: 0.5 }),
      Plot.dot(all, { y: 'host', x: 'median', fill: 'var(--plain)', r: 4 }),
    ],
  };
}

/** The time of day, or the date where a day begins. */
function timeText(time: Date): string {
  const text = time.toISOString();
  if (text.endsWith('T00:00:00.000Z')) return text.slice(0, 10);
  return text.slice(11, text.slice(17, 19) === '00' ? 16 : 19);
}

/** Shortens a host at its beginning, as its end tells more. */
function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `…${text.slice(text.length - longest + 1)}`;
}

function logTicks(width: number): { ticks: number; tickFormat: string } {
  return { ticks: Math.max(2, Math.floor(width / 80)), tickFormat: ',' };
}
