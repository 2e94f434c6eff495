import type { Completed, CompletedLine, Flag } from './completed.ts';

/** A file for a folder of $fpath; it can be sourced as well. */
export function zshScript({ main, commands }: Completed): string {
  const names = Object.keys(commands);
  return `#compdef urlmill
# zsh completion of urlmill, made by "urlmill completion zsh"

_urlmill() {
  if (( CURRENT > 2 )); then
    case $words[2] in
      ${names.join('|')}) local command=$words[2]; shift words; (( CURRENT-- )); _urlmill_$command; return ;;
    esac
  fi
  _arguments -s -S ${[...specsOf(main), quoted('1: :_urlmill_first'), quoted('*:FILE:_files')].join(continued)}
}

_urlmill_first() {
  local -a commands=(${names.map((name) => `\n    ${quoted(`${name}:${escaped(commands[name]?.help ?? '')}`)}`).join('')}
  )
  _describe -t commands command commands
  _files
}

${names.map((name) => functionOf(name, commands[name] ?? main)).join('\n')}
if [[ $funcstack[1] == _urlmill ]]; then _urlmill "$@"; else compdef _urlmill urlmill; fi
`;
}

const continued = ' \\\n    ';

function functionOf(name: string, line: CompletedLine): string {
  const operand = quoted(`*: :${line.values === null ? '_files' : `(${line.values.join(' ')})`}`);
  return `_urlmill_${name}() {
  _arguments -s -S ${[...specsOf(line), operand].join(continued)}
}
`;
}

function specsOf({ flags }: CompletedLine): string[] {
  return flags.flatMap(({ long, short, help, hint, repeats, value }) => {
    const names = short === null ? [`--${long}`] : [`-${short}`, `--${long}`];
    const before = repeats ? '*' : `(${names.join(' ')})`;
    const after = `[${escaped(help)}]${hint === '' ? '' : `:${escaped(hint)}:${actionOf(value)}`}`;
    return names.map((name) => quoted(`${before}${name}${joint(name, hint)}${after}`));
  });
}

/** How the value follows: as a word or joined to a letter (+), as a word or behind an equals sign (=). */
function joint(name: string, hint: string): string {
  if (hint === '') return '';
  return name.startsWith('--') ? '=' : '+';
}

function actionOf(value: Flag['value']): string {
  if (value === 'file') return '_files';
  if (value === 'folder') return '_files -/';
  return value === null ? ' ' : `(${value.join(' ')})`;
}

/** Text within a specification of _arguments. */
function escaped(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, String.raw`\$&`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
