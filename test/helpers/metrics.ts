/**
 * Parses text in the Prometheus format into samples, keyed by name and labels as written.
 *
 * @throws Error for whatever the format forbids: families without HELP and TYPE or in several pieces,
 *   repeated samples, wrong names, labels or values, counters not named `*_total`
 */
export function samplesOf(text: string): Record<string, number> {
  const samples: Record<string, number> = {};
  const families = new Map<string, string>();
  let family = '';
  let helped = '';
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const line of text.slice(0, -1).split('\n')) {
    const [, help] = /^# HELP ([a-z_:][a-z0-9_:]*) \S.*\.$/.exec(line) ?? [];
    const [, typed, type = ''] = /^# TYPE ([a-z_:][a-z0-9_:]*) (counter|gauge)$/.exec(line) ?? [];
    const [, labelled = '', name = '', value = ''] =
      /^(([a-z_:][a-z0-9_:]*)\{(?:[a-z_][a-z0-9_]*="(?:[^"\\]|\\[\\"n])*",?)*\}) (\d+(?:\.\d+)?(?:e\+\d+)?)$/.exec(
        line,
      ) ?? [];
    if (help !== undefined) helped = help;
    else if (typed !== undefined) {
      if (typed !== helped || families.has(typed)) throw new Error(`no HELP, or told twice: ${line}`);
      if ((type === 'counter') !== typed.endsWith('_total'))
        throw new Error(`a name for another type: ${line}`);
      families.set(typed, type);
      family = typed;
    } else {
      if (name === '' || name !== family || labelled in samples)
        throw new Error(`no sample, or twice: ${line}`);
      samples[labelled] = Number(value);
    }
  }
  return samples;
}
