import { isSuccess } from '../../shared/statuses.ts';

/** What the robots.txt of one origin says to one user agent. */
export interface RobotsRules {
  /** Whether the URL may be fetched. */
  readonly allows: (url: string) => boolean;
  /** Milliseconds between two requests, finite and not negative; null when nothing was said. */
  readonly crawlDelay: number | null;
}

/** How the request for a robots.txt ended, its redirects followed. */
export interface RobotsReply {
  /** Null when there was no reply. */
  readonly status: number | null;
  /** Decoded; null when there is none. */
  readonly body: Buffer | null;
}

interface Rule {
  readonly allow: boolean;
  /** The octets between the wildcards. */
  readonly parts: readonly string[];
  /** Whether the pattern ends with `$`. */
  readonly whole: boolean;
  /** Octets of the pattern. */
  readonly length: number;
}

interface Group {
  readonly rules: Rule[];
  crawlDelay: number | null;
}

/** Bytes that are read of a file: the smallest limit that RFC 9309 (section 2.5) allows. */
export const mostRobotsBytes = 500 * 1024;

/**
 * Steps that comparing one URL with the rules may take, about 0.1 s. A file of 500 KiB has room for 40 000 rules with
 * wildcards, and a redirect for a path of 64 KiB: comparing all of that would hold up all other requests for seconds.
 */
const mostSteps = 20_000_000;

/**
 * The rules of one origin (RFC 9309). Without a file (4xx) all is allowed; when the rules cannot be known (no reply,
 * 5xx, redirects that lead nowhere) nothing is. 429 counts as the latter: it says that there were too many requests,
 * not that there are no rules. /robots.txt itself is always allowed.
 *
 * Crawl-delay is not in the RFC, yet obeyed here; as it belongs to a group, a user agent after it begins a new one.
 *
 * @param robotsUrl where the rules were asked for, before redirects; a URL of another origin is never allowed by them
 * @param userAgent its part before the first `/` is the name that is looked for in the file
 */
export function robotsRules(reply: RobotsReply, robotsUrl: string, userAgent: string): RobotsRules {
  const { rules, crawlDelay } = groupFor(reply, productToken(userAgent));
  // The longest match wins, and Allow wins among equally long ones (section 2.2.2). So they are sorted like that, and
  // the first that matches decides.
  rules.sort((a, b) => b.length - a.length || Number(b.allow) - Number(a.allow));
  const { origin } = new URL(robotsUrl);
  return {
    allows(url) {
      const asked = URL.canParse(url) ? new URL(url) : null;
      if (asked?.origin !== origin) return false;
      return asked.pathname === '/robots.txt' || allowedBy(rules, asked);
    },
    crawlDelay,
  };
}

function groupFor({ status, body }: RobotsReply, token: string): Group {
  if (isSuccess(status) && body !== null) return parse(body, token);
  const unavailable = status !== null && status >= 400 && status < 500 && status !== 429;
  return { rules: unavailable ? [] : [ruleOf('/', false)], crawlDelay: null };
}

/** The lines for one product token: of all groups that name it, else of all for `*` (section 2.2.1). */
function parse(body: Buffer, token: string): Group {
  const groups = new Map<string, Group>();
  let current = new Set<Group>();
  let naming = false;
  for (const line of textOf(body).split(/[\r\n]/)) {
    const [said = ''] = line.split('#', 1);
    const colon = said.indexOf(':');
    const key = said.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    const value = said.slice(colon + 1).trim();
    if (key === 'user-agent') {
      if (!naming) current = new Set();
      naming = true;
      const name = productToken(value);
      if (name === token || name === '*') current.add(groupOf(groups, name));
    } else if (key === 'allow' || key === 'disallow') {
      naming = false;
      if (value === '' || current.size === 0) continue;
      const rule = ruleOf(value, key === 'allow');
      for (const group of current) group.rules.push(rule);
    } else if (key === 'crawl-delay') {
      naming = false;
      for (const group of current) group.crawlDelay = longer(group.crawlDelay, value);
    }
    // Other records are ignored, wherever they stand (section 2.2.4).
  }
  return groups.get(token) ?? groups.get('*') ?? { rules: [], crawlDelay: null };
}

function groupOf(groups: Map<string, Group>, token: string): Group {
  const group: Group = groups.get(token) ?? { rules: [], crawlDelay: null };
  groups.set(token, group);
  return group;
}

/**
 * The file in ASCII: other octets are percent-encoded, as paths are compared octet by octet. If the file is cut off,
 * its last, incomplete line is left out: half a rule forbids more than the rule. NUL is padding.
 */
function textOf(body: Buffer): string {
  let text = body.toString('latin1', 0, mostRobotsBytes);
  if (body.length > mostRobotsBytes) {
    text = text.slice(0, Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'), 0));
  }
  return text
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .replaceAll('\0', '')
    .replaceAll(/[\u0080-\u00ff]/g, (octet) => `%${octet.charCodeAt(0).toString(16)}`);
}

function productToken(text: string): string {
  return (/^[^/\s]*/.exec(text.trim())?.[0] ?? '').toLowerCase();
}

/** Seconds as text → milliseconds, where that is more than before. */
function longer(before: number | null, value: string): number | null {
  if (!/^(?:\d+(?:\.\d*)?|\.\d+)$/.test(value)) return before;
  return Math.max(before ?? 0, Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER));
}

function ruleOf(pattern: string, allow: boolean): Rule {
  const whole = pattern.endsWith('$');
  const parts = (whole ? pattern.slice(0, -1) : pattern).split(/\*+/).map(octets);
  const length = parts.reduce((sum, part) => sum + part.length, parts.length - 1 + Number(whole));
  return { allow, parts, whole, length };
}

/**
 * A part of a pattern or of a URL, a character per octet, so that equal ones are equal strings (section 2.2.2).
 * Percent-encoding makes a difference for reserved characters only (RFC 3986, section 2.2): their encoded octets are
 * moved out of the way, to U+0100 and after. `*` and `$` are excepted: a pattern can write them encoded only.
 */
function octets(text: string): string {
  // A copy, as a slice would keep the whole file in memory.
  return Buffer.from(text, 'latin1')
    .toString('latin1')
    .replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => {
      const octet = Number.parseInt(hex, 16);
      const char = String.fromCharCode(octet);
      return /[!#&'()+,/:;=?@[\]]/.test(char) ? String.fromCharCode(octet + 0x100) : char;
    });
}

function allowedBy(rules: readonly Rule[], url: URL): boolean {
  const paths = spellings(url);
  let steps = 0;
  for (const rule of rules) {
    for (const path of paths) {
      // With a hostile file and URL, the cost of finding a part grows with its length.
      if (rule.parts.length > 1) steps += path.length * (1 + rule.length / 32);
      // A comparison that would take too long counts as not allowed.
      if (steps > mostSteps) return false;
      if (matches(rule, path)) return rule.allow;
    }
  }
  return true;
}

/**
 * Path and query as octets. In a query `/`, `:` and the like mean nothing, and are as often encoded as not; the RFC
 * treats both spellings as equal (its second example in section 2.2.2), but a pattern has one of them. So each
 * spelling is tried.
 */
function spellings({ pathname, search }: URL): string[] {
  const path = octets(pathname);
  const query = octets(search);
  const plain = query.replaceAll(/[\u0121-\u0140]/g, (char) => {
    const octet = String.fromCharCode(char.charCodeAt(0) - 0x100);
    return /['/:?@]/.test(octet) ? octet : char;
  });
  const encoded = query.replaceAll(/(?!^)['/:?@]/g, (char) =>
    String.fromCharCode(char.charCodeAt(0) + 0x100),
  );
  return [...new Set([path + query, path + plain, path + encoded])];
}

/**
 * Whether the pattern matches the beginning of the path. Each part is matched where it first occurs, which is never
 * worse than later: so the path is scanned once, whatever the pattern.
 */
function matches({ parts, whole }: Rule, path: string): boolean {
  const [first = '', ...others] = parts;
  if (!path.startsWith(first)) return false;
  const last = others.pop();
  if (last === undefined) return !whole || path.length === first.length;
  let at = first.length;
  for (const part of others) {
    const found = path.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return whole ? path.length - last.length >= at && path.endsWith(last) : path.includes(last, at);
}
