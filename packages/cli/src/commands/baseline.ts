import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { engineOption, jsonOption, quietOption, verboseOption } from './options.js'

const help = `
A model of your own is compared with the best constant answer and a linear model, by its own loss and metrics; the
colouring network with the line art as it is and a sheet in the mean colour. The result goes into the run's
evaluation.json and report.

Example:
  $ dlkit baseline runs/mine`

export function baselineCommand(finish: (exitCode: number) => void) {
  return new Command('baseline')
    .description('compare a trained run with models that know next to nothing')
    .argument('<run>', 'run folder of `dlkit train`')
    .option(...engineOption)
    .option(...jsonOption)
    .option(...quietOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (run, options) => {
      const { baselineAction } = await import('../actions/evaluate-run.js')
      finish(await baselineAction(run, options))
    })
}
