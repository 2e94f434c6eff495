import type { NameTrouble } from './error.ts';
import type { Answer } from './outcome.ts';
import type { ResolverConfig } from './resolver-config.ts';

type Outcome = Answer | NameTrouble;

/** Labels of 1 to 63 characters, 253 in all (RFC 1035, section 2.3.4). */
const possible = /^(?=.{1,253}$)[^.]{1,63}(?:\.[^.]{1,63})*$/;

export function isPossible(name: string): boolean {
  return possible.test(name);
}

/**
 * What a name may stand for, in the order in which the system's resolver asks (resolv.conf(5)): with fewer dots than
 * `ndots` it is first searched for, else it is first asked for as it is. A dot at its end says that it is complete.
 */
export function candidates(
  name: string,
  { search, ndots }: Pick<ResolverConfig, 'search' | 'ndots'>,
): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  if (search.length === 0) return [name];
  const isComplete = name.split('.').length > ndots;
  const searched = search.map((domain) => (domain === '' ? name : `${name}.${domain}`)).filter(isPossible);
  return [...new Set(isComplete ? [name, ...searched] : [...searched, name])];
}

export interface Search {
  /** The name as it is, without a dot at its end. */
  readonly name: string;
  /** `candidates` of it. */
  readonly names: readonly string[];
  /** Milliseconds for all of them. */
  readonly timeout: number;
  readonly ask: (name: string, callback: (outcome: Outcome) => void, time: number) => void;
}

/** Milliseconds for which a search domain is waited for at most: a silent one must not take the time of all the others. */
const patience = 3000;

/** Asks for one after the other until one has an address, and calls back once. */
export function searchName(
  { name, names, timeout, ask }: Search,
  callback: (outcome: Outcome) => void,
): void {
  const endsAt = performance.now() + timeout;
  const troubles: NameTrouble[] = [];
  const askFrom = (index: number): void => {
    const candidate = names[index] as string;
    const left = endsAt - performance.now();
    const time = candidate === name ? left : Math.min(left / (names.length - index), patience);
    const take = (outcome: Outcome): void => {
      if ('addresses' in outcome) {
        callback(outcome);
        return;
      }
      troubles.push(outcome);
      // What could not be looked up now may exist all the same.
      const isUnknown = candidate === name && outcome.failure !== 'dns-not-found';
      if (isUnknown || index + 1 === names.length) callback(lastWord(troubles, names[0] === name));
      else askFrom(index + 1);
    };
    ask(candidate, take, time);
  };
  askFrom(0);
}

/**
 * As for glibc, what became of the name as it is; but where it was searched for first, it is said not to exist only if
 * nothing speaks against it.
 */
function lastWord(troubles: readonly NameTrouble[], isCompleteFirst: boolean): NameTrouble {
  const failure = troubles.find((trouble) => trouble.failure !== 'dns-not-found');
  if (failure !== undefined && !isCompleteFirst) return failure;
  const word = (isCompleteFirst ? troubles[0] : troubles.at(-1)) as NameTrouble;
  if (word.failure !== 'dns-not-found') return word;
  return { ...word, ttl: Math.min(...troubles.map(({ ttl = Infinity }) => ttl)) };
}
