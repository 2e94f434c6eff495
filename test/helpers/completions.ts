import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type Shell = 'bash' | 'zsh' | 'fish';

/** Whether this machine has the shell. */
export function isThere(shell: Shell): boolean {
  try {
    execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Prints all that the script's completion function offers. */
const bashList = `
source ./script
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_urlmill
printf '%s\\n' "\${COMPREPLY[@]}"
`;

/**
 * zsh completes only on a terminal, so a second zsh on a pseudo-terminal gets the line. Its `compadd` writes
 * matches to a file.
 */
const zshList = `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'source ./session'
zpty -w z "$1"$'\\t'
while zpty -r z chunk; do :; done
`;

const zshInit = `
autoload -Uz compinit
compinit -u -d ./compdump
`;

/**
 * The cached result of zsh scanning its folders for completions, which takes longer than a completion itself.
 */
let found: Promise<Buffer> | null = null;

const zshSession = `
PROMPT=
${zshInit}
source ./script
bindkey '^I' complete-word
zstyle ':completion:*' insert-tab false
comppostfuncs=(exit)
compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a hits
  builtin compadd -A hits "$@"
  print -lr -- $hits >> ./made
  builtin compadd "$@"
}
`;

/**
 * What a shell offers for the last word of a command line. fish adds a description after a tab.
 *
 * @param cwd where the shell runs; some files are written there
 */
export async function completionsIn(
  shell: Shell,
  script: string,
  line: string,
  cwd: string,
): Promise<string[]> {
  await writeFile(join(cwd, 'script'), script);
  const list = async (args: readonly string[]): Promise<string> =>
    (await run(shell, args, { cwd, env: { PATH: process.env['PATH'], HOME: cwd, TERM: 'xterm' } })).stdout;
  if (shell === 'bash') {
    // bash splits words at an equals sign, which becomes a word of its own.
    const words = line.split(/ |(=)/).filter((word) => word !== undefined);
    return linesOf(await list(['--norc', '-c', bashList, '-', ...words]));
  }
  if (shell === 'fish') {
    const text = await list(['--no-config', '-c', `source ./script; complete -C ${JSON.stringify(line)}`]);
    return linesOf(text);
  }
  found ??= list(['-f', '-c', zshInit]).then(() => readFile(join(cwd, 'compdump')));
  await Promise.all([
    writeFile(join(cwd, 'session'), zshSession),
    writeFile(join(cwd, 'made'), ''),
    writeFile(join(cwd, 'compdump'), await found),
  ]);
  await list(['-f', '-c', zshList, '-', line]);
  return linesOf(await readFile(join(cwd, 'made'), 'utf8'));
}

/** The arguments that bash passes to the command after Tab has completed the last word on a terminal. */
export async function completedByBash(script: string, line: string, cwd: string): Promise<string[]> {
  await writeFile(join(cwd, 'script'), script);
  const session = spawn('script', ['-qec', 'bash --norc -i', '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, TERM: 'dumb' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  session.stdin.write(`source ./script; urlmill() { printf '%s\\n' "$@" > made; }\n${line}\t\nexit\n`);
  await once(session, 'close');
  return linesOf(await readFile(join(cwd, 'made'), 'utf8'));
}

function linesOf(text: string): string[] {
  return text.split('\n').filter(Boolean);
}
