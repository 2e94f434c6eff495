import type { Value } from '../../shared/records.ts';
import { stripped } from './characters.ts';
import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';

/**
 * What robots may do with the page: `<meta name=robots>` and then the header X-Robots-Tag, which files that are
 * not HTML have too. Rules are in lower case, separated by commas, each once: `noindex, max-snippet:50`. A rule
 * for one robot has its name in front: `googlebot: nofollow`.
 */
export const robots: HtmlExtractor = {
  tags: ['meta'],
  read: () => new RobotsReader(),
  complete: (found, { headerValues }) => {
    const inHeader = headerValues('x-robots-tag').flatMap((value) => rulesIn(value, ''));
    return [...new Set([...((found ?? []) as readonly string[]), ...inHeader])].join(', ');
  },
};

class RobotsReader extends Reader {
  readonly #rules: string[] = [];

  open(_name: string, tag: Attributes): void {
    const name = stripped(tag.attribute('name') ?? '').toLowerCase();
    if (name !== 'robots' && !isRobot(name)) return;
    const robot = name === 'robots' ? '' : name;
    // One by one: there may be more rules than a call can take arguments.
    for (const rule of rulesIn(tag.attribute('content') ?? '', robot)) this.#rules.push(rule);
  }

  value(): Value {
    return this.#rules;
  }
}

/** Names of robots are shorter: the name stands before each of its rules, so a long one would fill the memory. */
const longestName = 40;

/** Whether a meta element of that name is for one robot: those that have rules of their own have such names. */
function isRobot(name: string): boolean {
  return (
    name.length < longestName &&
    name !== 'robot' &&
    /^(?:[a-z]+bot(?:-[a-z]+)*|baiduspider|slurp|teoma|yandex)$/.test(name)
  );
}

/** Rules with a value. Any other name before a colon is a robot's, and the rules behind it are for that robot. */
const valued = /^(?:max-[a-z-]+|unavailable_after)$/;

/** @param robot the robot that the rules are for; empty: all. Rules behind a name that is no robot's are left out */
function rulesIn(said: string, robot: string): string[] {
  const rules: string[] = [];
  const text = said.toLowerCase();
  const word = /([^\s,;:]+)(\s*:\s*)?/g;
  // A date may have a comma behind the day of the week.
  const date = /(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,)?[^,;]*/y;
  const plain = /[^\s,;]*/y;
  let whose: string | null = robot;
  for (let found = word.exec(text); found !== null; found = word.exec(text)) {
    const [, name = '', colon] = found;
    if (colon !== undefined && !valued.test(name)) whose = name.length < longestName ? name : null;
    else {
      let rule = name;
      if (colon !== undefined) {
        const value = name === 'unavailable_after' ? date : plain;
        value.lastIndex = word.lastIndex;
        rule += `:${(value.exec(text)?.[0] ?? '').trim()}`;
        word.lastIndex = value.lastIndex;
      }
      if (whose !== null) rules.push(whose === '' ? rule : `${whose}: ${rule}`);
    }
  }
  return rules;
}
