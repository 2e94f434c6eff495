import type { Figures } from '../watch/statistics.ts';

/** The sums of several figures. */
export function sumOf(all: readonly Figures[]): Figures {
  const sum = (of: (one: Figures) => number): number => all.reduce((total, one) => total + of(one), 0);
  const counts = (
    of: (one: Figures) => Readonly<Record<string, number>> | undefined,
  ): Record<string, number> => {
    const total = new Map<string, number>();
    for (const one of all) {
      for (const [name, count] of Object.entries(of(one) ?? {}))
        total.set(name, (total.get(name) ?? 0) + count);
    }
    return Object.fromEntries(total);
  };
  return {
    rows: sum(({ rows }) => rows),
    errors: sum(({ errors }) => errors),
    failed: sum(({ failed }) => failed),
    bytes: sum(({ bytes }) => bytes),
    wireBytes: sum(({ wireBytes = 0 }) => wireBytes),
    byStatus: counts(({ byStatus }) => byStatus),
    byFailure: counts(({ byFailure }) => byFailure),
    byFailedStatus: counts(({ byFailedStatus }) => byFailedStatus),
  };
}
