import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { practices } from '@dlkit/practices'
import { closest } from '../config/closest.js'
import { exitCodes, UsageError } from '../errors.js'

const shells = ['bash', 'zsh', 'fish'] as const

/** What options may be given, where it is a choice of few. */
const values: Readonly<Record<string, string>> = {
  '--preset': 'demo standard debug',
  '--template': 'colours own monitors',
  '--format': 'onnx tfjs safetensors',
  '--precision': 'float32 float16 bfloat16',
  '--split': 'train validation test',
  '--sampler': 'tpe random grid sobol coarse',
  '--engine': 'auto onnxruntime-cuda onnxruntime wasm cpu',
}

/** Prints what makes a shell complete commands and options. @returns the exit code. */
export function completionAction(shell: string, program: CommandUnknownOpts): number {
  const script = { bash: bashScript, zsh: zshScript, fish: fishScript }
  if (!(shells as readonly string[]).includes(shell)) {
    const meant = closest(shell, shells)
    throw new UsageError(
      `expected ${shells.join(', ')}, got "${shell}"${meant ? `; did you mean ${meant}?` : ''}`,
    )
  }
  process.stdout.write(script[shell as 'bash'](program))
  return exitCodes.done
}

/** What `dlkit explain` knows. */
function explainable(): string {
  const names = practices.flatMap(({ runs }) =>
    runs.flatMap((form) => (form.kind === 'rule' || form.kind === 'check' ? [form.name] : [])),
  )
  return [...practices.map(({ number }) => number), ...new Set(names)].join(' ')
}

const optionsOf = (command: CommandUnknownOpts) =>
  [...command.options.map(({ long }) => long), '--help'].filter((long) => long !== null && long !== undefined)

function bashScript({ commands }: CommandUnknownOpts): string {
  const cases = commands.map(
    (command) => `    ${command.name()}) options="${optionsOf(command).join(' ')}" ;;`,
  )
  const choices = Object.entries({ ...values, completion: shells.join(' '), explain: explainable() }).map(
    ([option, words]) => `    ${option}) COMPREPLY=($(compgen -W "${words}" -- "$word")); return ;;`,
  )
  return `_dlkit() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" options=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map((command) => command.name()).join(' ')} help --help --version" -- "$word"))
    return
  fi
  case "$before" in
${choices.join('\n')}
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  else
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -F _dlkit dlkit
`
}

function zshScript(program: CommandUnknownOpts): string {
  return `autoload -U +X bashcompinit && bashcompinit\n${bashScript(program)}`
}

function fishScript({ commands }: CommandUnknownOpts): string {
  const quoted = (text: string) => `'${text.replace(/['\\]/g, '\\$&')}'`
  const lines = commands.flatMap((command) => [
    `complete -c dlkit -n __fish_use_subcommand -f -a ${command.name()} -d ${quoted(command.description())}`,
    ...command.options.flatMap(({ long, description }) =>
      long
        ? [
            `complete -c dlkit -n '__fish_seen_subcommand_from ${command.name()}' -l ${long.slice(2)} -d ${quoted(description)}${
              values[long] ? ` -x -a ${quoted(values[long])}` : ''
            }`,
          ]
        : [],
    ),
  ])
  return `${lines.join('\n')}\n`
}
