import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { engineOption, jsonOption, quietOption, verboseOption } from './options.js'

const help = `
Nothing is written. Keep the test split for the end: every look at it makes the next one less honest.

Examples:
  $ dlkit eval runs/demo
  $ dlkit eval runs/mine --split test --json`

export function evalCommand(finish: (exitCode: number) => void) {
  return new Command('eval')
    .description('measure a trained run on a split of its data')
    .argument('<run>', 'run folder of `dlkit train`')
    .option('--split <name>', 'train, validation or test (default: validation)')
    .option(...engineOption)
    .option(...jsonOption)
    .option(...quietOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (run, options) => {
      const { evalAction } = await import('../actions/evaluate-run.js')
      finish(await evalAction(run, options))
    })
}
