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
 * The full names to ask for, in the order of the system's resolver (resolv.conf(5)). For a name with fewer dots than `ndots`
 * the search domains come first, else the name itself. A name that ends with a dot is never searched for.
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
  /** The name as given, without a dot at its end. */
  readonly name: string;
  /** Its `candidates`. */
  readonly names: readonly string[];
  /** Milliseconds for all of them. */
  readonly timeout: number;
  readonly ask: (name: string, callback: (outcome: Outcome) => void, time: number) => void;
}

/** Milliseconds for one search domain at most, so that one without an answer leaves time for the others. */
const patience = 3000;

/** Asks for the candidates in turn until one has an address. Calls back once. */
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
      // A name whose lookup failed may exist, so the search stops there.
      const isUnknown = candidate === name && outcome.failure !== 'dns-not-found';
      if (isUnknown || index + 1 === names.length) callback(finalTrouble(troubles, names[0] === name));
      else askFrom(index + 1);
    };
    ask(candidate, take, time);
  };
  askFrom(0);
}

/**
 * The trouble to report for the whole search. As in glibc, it is that of the name itself; but if the search domains
 * came first, it is `dns-not-found` only if all candidates say so.
 */
function finalTrouble(troubles: readonly NameTrouble[], isCompleteFirst: boolean): NameTrouble {
  const failure = troubles.find((trouble) => trouble.failure !== 'dns-not-found');
  if (failure !== undefined && !isCompleteFirst) return failure;
  const word = (isCompleteFirst ? troubles[0] : troubles.at(-1)) as NameTrouble;
  if (word.failure !== 'dns-not-found') return word;
  return { ...word, ttl: Math.min(...troubles.map(({ ttl = Infinity }) => ttl)) };
}
