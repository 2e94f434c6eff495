import { UsageError } from '../../shared/errors.ts';

/** Gives the value of the Authorization header for a host; empty without a login. */
export type Logins = (host: string) => string;

interface Login {
  login: string;
  password: string;
}

/**
 * Reads a netrc file as curl and ftp do: `machine HOST login NAME password WORD`, on one line or several, in any
 * order of login and password; `default` for all other hosts. `account` and the lines of a `macdef` are skipped, `#`
 * begins a comment. A word may stand in double quotes, with `\"` and `\\` in it.
 *
 * @param label what the file is called in messages
 * @throws UsageError with the number of the line, never with its text
 */
export function readLogins(text: string, label: string): Logins {
  const hosts = new Map<string, Login>();
  let others: Login | null = null;
  let current: Login | null = null;
  const words = wordsOf(text);
  for (let word = words.next(); !word.done; word = words.next()) {
    const { value: key, line } = word.value;
    const next = (): string => {
      const following = words.next();
      if (following.done === true) throw new UsageError(`${label}: line ${line}: nothing follows "${key}"`);
      return following.value.value;
    };
    if (key === 'machine') {
      current = { login: '', password: '' };
      const host = next().toLowerCase();
      // The first entry of a host counts, as in curl.
      if (!hosts.has(host)) hosts.set(host, current);
    } else if (key === 'default') {
      current = { login: '', password: '' };
      others ??= current;
    } else if (key === 'login' || key === 'password') {
      if (current === null) throw new UsageError(`${label}: line ${line}: "${key}" before any "machine"`);
      current[key] = next();
    } else if (key === 'account' || key === 'macdef') {
      next();
    } else {
      throw new UsageError(`${label}: line ${line}: machine, default, login, password or account is needed`);
    }
  }
  return (host) => {
    const login = hosts.get(host) ?? others;
    // RFC 7617
    return login === null || login.login === '' ? '' : `Basic ${base64(`${login.login}:${login.password}`)}`;
  };
}

interface Word {
  readonly value: string;
  readonly line: number;
}

function* wordsOf(text: string): Generator<Word, undefined> {
  let inMacro = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    // A macro ends with an empty line.
    if (inMacro) inMacro = line.trim() !== '';
    else {
      for (const [whole, quoted] of line.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)) {
        if (whole.startsWith('#')) break;
        yield { value: quoted?.replaceAll(/\\(.)/g, '$1') ?? whole, line: index + 1 };
        if (whole === 'macdef') inMacro = true;
      }
    }
  }
  return undefined;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
