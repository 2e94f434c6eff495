import type { Completed, CompletedLine, Flag } from './completed.ts';

/**
 * For bash 3.2 and later, without the package bash-completion. Where the script offers nothing, bash itself completes files. Bash
 * treats an equals sign as a word of its own.
 */
export function bashScript({ main, commands }: Completed): string {
  const names = Object.keys(commands);
  return `# bash completion of urlmill, made by "urlmill completion bash"

_urlmill() {
  local word=\${COMP_WORDS[COMP_CWORD]} last=\${COMP_WORDS[COMP_CWORD - 1]} command='' file
  COMPREPLY=()
  if [[ $word == = ]]; then
    word=''
  elif [[ $last == = && COMP_CWORD -gt 1 ]]; then
    last=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if [[ COMP_CWORD -gt 1 ]]; then
    case \${COMP_WORDS[1]} in
      ${names.join(' | ')}) command=\${COMP_WORDS[1]} ;;
    esac
  fi
  case $command in
${names.map((name) => branch(name, commands[name] ?? main)).join('')}${branch("''", main)}  esac
  if [[ COMP_CWORD -eq 1 && $word != -* ]]; then
    COMPREPLY=($(compgen -W '${names.join(' ')}' -- "$word"))
    if [[ \${#COMPREPLY[@]} -gt 0 ]]; then
      while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$word")
      compopt -o filenames 2>/dev/null
    fi
  fi
}

complete -o default -F _urlmill urlmill
`;
}

/** The completions after one (sub-)command. */
function branch(name: string, { flags, values }: CompletedLine): string {
  const words = flags.map(({ long }) => `--${long}`).join(' ');
  const operands =
    values === null
      ? ''
      : `      if [[ $word != -* ]]; then ${proposed(values.join(' '))}; compopt +o default 2>/dev/null; fi\n`;
  return `    ${name})
      case $last in
${[...casesOf(flags)].map(([action, spellings]) => `        ${spellings.join(' | ')}) ${action}; return ;;\n`).join('')}      esac
      if [[ $word == -* ]]; then ${proposed(words)}; fi
${operands}      ;;
`;
}

/** The action after an option that takes a value, with the spellings of all options that share it. */
function casesOf(flags: readonly Flag[]): Map<string, string[]> {
  const cases = new Map<string, string[]>();
  for (const { long, short, hint, value } of flags) {
    if (hint === '') continue;
    const action = actionOf(value);
    cases.set(action, [...(cases.get(action) ?? []), ...(short === null ? [] : [`-${short}`]), `--${long}`]);
  }
  return cases;
}

function actionOf(value: Flag['value']): string {
  if (value === 'file') return ':';
  if (value === 'folder') return 'compopt -o dirnames +o default 2>/dev/null';
  if (value === null) return 'compopt +o default 2>/dev/null';
  return `${proposed(value.join(' '))}; compopt +o default 2>/dev/null`;
}

function proposed(words: string): string {
  return `COMPREPLY=($(compgen -W '${words}' -- "$word"))`;
}
