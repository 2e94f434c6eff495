import type { Completed, CompletedLine, Flag } from './completed.ts';

export function fishScript({ main, commands }: Completed): string {
  const names = Object.keys(commands);
  return `# fish completion of urlmill, made by "urlmill completion fish"

# Whether the first word is this sub-command; '' stands for none.
function __urlmill_command
    set -l words (commandline -opc)
    set -l first ''
    contains -- "$words[2]" ${names.join(' ')}; and set first $words[2]
    test "$first" = "$argv[1]"
end

${names.map((name) => `complete -c urlmill -n 'test (count (commandline -opc)) = 1' -a ${name} -d ${quoted(commands[name]?.help ?? '')}\n`).join('')}${linesOf("''", main)}${names.map((name) => linesOf(name, commands[name] ?? main)).join('')}`;
}

function linesOf(command: string, { flags, values }: CompletedLine): string {
  const start = `complete -c urlmill -n ${quoted(`__urlmill_command ${command}`)}`;
  const operands = values === null ? [] : [`${start} -f -a ${quoted(values.join(' '))}\n`];
  const options = flags.map(({ long, short, help, hint, value }) => {
    const letter = short === null ? '' : ` -s ${short}`;
    return `${start}${letter} -l ${long}${hint === '' ? '' : ` ${valueOf(value)}`} -d ${quoted(help)}\n`;
  });
  return [...operands, ...options].join('');
}

/** -r: a value follows; -x: a value follows that is not a file. */
function valueOf(value: Flag['value']): string {
  if (value === 'file') return '-r';
  if (value === 'folder') return "-x -a '(__fish_complete_directories (commandline -ct))'";
  return value === null ? '-x' : `-x -a ${quoted(value.join(' '))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
