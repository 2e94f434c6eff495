import { series } from './faults.ts';
import type { Call, Kind } from './faults.ts';
import { tryFault } from './one-fault.ts';
import type { Site } from './site.ts';
import { traceUrlmill } from './urlmill.ts';
import { argumentsFor, resumes, sceneOf } from './variants.ts';
import type { Stage, Variant } from './variants.ts';

/** The outcome of one kind of fault in one kind of call. */
export interface Tally {
  readonly call: Call;
  readonly kind: Kind;
  /** Number of such calls in a run without faults. */
  readonly count: number;
  /** Faults that happened. */
  tried: number;
  failed: number;
}

export interface SweepSettings {
  readonly stage: Stage;
  readonly site: Site;
  /** Only these calls are tried. */
  readonly calls: readonly Call[];
  /** Tries one random kill and one random error per kind of call, instead of every fault in every call. */
  readonly short: boolean;
  readonly random: () => number;
  readonly log: (text: string) => void;
}

/** Runs a variant once per call and fault, with that fault in that call. */
export async function sweep(variant: Variant, settings: SweepSettings): Promise<Tally[]> {
  const { stage, site, calls, short, random, log } = settings;
  const scene = await sceneOf(stage, variant);
  const args = argumentsFor(variant, stage, scene.output);
  const resume = resumes(variant);
  await scene.restore();
  const { made, code, stderr } = await traceUrlmill(
    stage.command,
    resume ? ['--resume', ...args] : args,
    scene.output,
    null,
  );
  if (code !== 0) throw new Error(`${variant.name} ended with ${code} without a fault: ${stderr}`);

  const choose = (kinds: readonly Kind[]): readonly Kind[] => {
    if (!short) return kinds;
    const errors = kinds.filter((kind) => kind !== 'kill');
    const chosen = errors[Math.floor(random() * errors.length)];
    return kinds.filter((kind) => kind === 'kill' || kind === chosen);
  };
  const tallies: Tally[] = [];
  for (const { call, kind, count } of series(made, choose)) {
    if (!calls.includes(call)) continue;
    const tally = { call, kind, count, tried: 0, failed: 0 };
    tallies.push(tally);
    // Runs differ by a few calls. If all are tried, the first one not reached is the end. In a short run a
    // random one is tried and, if it is not reached, the first one, which always exists.
    for (const nth of short ? [1 + Math.floor(random() * count), 1] : upwards()) {
      const fault = { kind, call, nth };
      const { hit, problems } = await tryFault(stage.command, args, { scene, site, resume, fault });
      if (hit) tally.tried++;
      if (problems.length > 0) {
        tally.failed++;
        log(`${variant.name}: ${kind} at ${call} ${nth}: ${problems.join('; ')}`);
      }
      if (hit === short) break;
    }
    if (tally.tried === 0) {
      tally.failed++;
      log(`${variant.name}: ${kind} at ${call}: did not come about`);
    }
  }
  return tallies;
}

function* upwards(): Generator<number> {
  for (let n = 1; ; n++) yield n;
}
