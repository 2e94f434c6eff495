import { drawCharts } from './charts.ts';
import { filterable } from './filter.ts';
import { sortable } from './sort.ts';

/** Brings the page to life: charts from its tables, and a table of failed rows that can be sorted and filtered. */
drawCharts();
const failed = document.querySelector<HTMLTableElement>('#failed-rows');
if (failed !== null) {
  sortable(failed);
  filterable(failed);
}
