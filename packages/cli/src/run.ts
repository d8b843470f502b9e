import { Command, CommanderError } from '@commander-js/extra-typings'
import { printable } from '@dlkit/monitors/printable'
import { ablateCommand } from './commands/ablate.js'
import { auditCommand } from './commands/audit.js'
import { baselineCommand } from './commands/baseline.js'
import { checkCommand } from './commands/check.js'
import { colorizeCommand } from './commands/colorize.js'
import { completionCommand } from './commands/completion.js'
import { dashboardCommand } from './commands/dashboard.js'
import { engineCommand } from './commands/engine.js'
import { evalCommand } from './commands/eval.js'
import { explainCommand } from './commands/explain.js'
import { exportCommand } from './commands/export.js'
import { gpuCommand } from './commands/gpu.js'
import { initCommand } from './commands/init.js'
import { lrFindCommand } from './commands/lr-find.js'
import { overfitCommand } from './commands/overfit.js'
import { paintCommand } from './commands/paint.js'
import { reportCommand } from './commands/report.js'
import { runsCommand } from './commands/runs.js'
import { trainCommand } from './commands/train.js'
import { tuneCommand } from './commands/tune.js'
import { workerCommand } from './commands/worker.js'
import { describeError, exitCodeOf, exitCodes, UsageError } from './errors.js'
import { asTyped } from './output/command.js'
import { packageVersion } from './version.js'

const examples = `
Examples:
  $ dlkit init                              make the folder of a new project
  $ dlkit train --preset demo               learn to colour line art, in minutes
  $ dlkit train --data my-pictures          learn from a folder of colour pictures
  $ dlkit train --resume runs/demo          continue a run exactly where it stopped
  $ dlkit colorize sketch.png --run runs/demo -o coloured
  $ dlkit paint sketch.png --run runs/demo  colour it in a browser, with strokes
  $ dlkit check my-model.ts                 look for bugs in a model of your own before a long training
  $ dlkit overfit my-model.ts               see whether it learns eight samples by heart
  $ dlkit lr-find my-model.ts               find its learning rate
  $ dlkit tune my-model.ts --trials 40      search for better parameters of it
  $ dlkit eval runs/demo --split test       measure it on pictures that it never saw
  $ dlkit export runs/demo --format onnx    use it in other programs
  $ dlkit runs                              list what was trained
  $ dlkit audit my-pictures                 look for bad pictures, copies and wrong labels
  $ dlkit dashboard                         watch the runs of runs/ in a browser
  $ dlkit engine                            what this machine trains on, and why
  $ dlkit gpu                               whether it can train on a GPU, what is missing, and how fast it is
  $ dlkit explain P9                        what a practice is about; also of a rule or a check`

/**
 * Runs the `dlkit` command line.
 *
 * @param args what follows the command's name, e.g. `['train', '--steps', '100']`.
 * @returns the exit code: 0 done, 1 failure, 2 wrong call, 3 and 4 done with reservations ({@link exitCodes}), 130 interrupted. Messages go to stdout and stderr.
 */
export async function run(args: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.done
  const finish = (code: number) => {
    exitCode = code
  }
  try {
    await buildProgram(finish).parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    process.stderr.write(`dlkit: ${describeError(error, args.includes('--verbose'))}\n`)
    return exitCodeOf(error)
  }
}

const commands = [
  initCommand,
  auditCommand,
  checkCommand,
  overfitCommand,
  lrFindCommand,
  trainCommand,
  tuneCommand,
  workerCommand,
  ablateCommand,
  evalCommand,
  baselineCommand,
  colorizeCommand,
  paintCommand,
  exportCommand,
  dashboardCommand,
  reportCommand,
  runsCommand,
  engineCommand,
  gpuCommand,
  explainCommand,
  completionCommand,
]

/** All commands. @param finish gets the exit code of the one that ran. */
export function buildProgram(finish: (exitCode: number) => void) {
  const program = new Command('dlkit')
    .description('Trains a network that colours line art, watches its training, and uses it.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', asTyped(examples))
    .exitOverride()
    .hook('preAction', (_, command) => refuseEmptyOptions(command.opts()))
    .configureOutput({ outputError: (text, write) => write(`${oneLine(text)}\n`) })
  for (const define of commands) {
    const command = define(finish, () => program)
    command.copyInheritedSettings(program)
    command.helpOption('-h, --help', 'print this help')
    program.addCommand(command)
  }
  return program
}

/** `--out "$FOLDER"` with a variable that is not set would otherwise mean the current folder. */
function refuseEmptyOptions(options: Record<string, unknown>): void {
  const empty = Object.keys(options).find((name) => options[name] === '')
  if (empty !== undefined) throw new UsageError(`--${empty}: expected text, got ""`)
}

/** "error: unknown option '--stepz'\n(Did you mean --steps?)" in one line, named like every other message. */
function oneLine(text: string): string {
  const line = text
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
  return `dlkit: ${printable(line)}`
}
