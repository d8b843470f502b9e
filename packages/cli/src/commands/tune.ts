import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import {
  engineOption,
  jsonOption,
  metricOption,
  parallelOption,
  quietOption,
  seedOption,
  trialBatchOption,
  trialEpochsOption,
  verboseOption,
} from './options.js'

const help = `
The file exports params and where to search for better ones:
  export const params = { units: 16, rate: 0.01 }
  export const space = { units: int(4, 64), rate: logUniform(1e-4, 1e-1) }

Each trial is a process and a run folder of its own. The journal keeps the search: the same command goes on with it,
and optuna-dashboard shows it. With --redis trials run on the machines that run dlkit worker.

Examples:
  $ dlkit tune my-model.ts --trials 40
  $ dlkit tune my-model.ts --trials 60 --sampler random --prune median
  $ dlkit tune my-model.ts --metric val_acc --maximize --epochs 5`

export function tuneCommand(finish: (exitCode: number) => void) {
  return new Command('tune')
    .description('search for better parameters of your own model')
    .argument('[file]', 'your model (default: model.ts), which exports params and space')
    .option('--trials <count>', 'trials in all, those in the journal included', '20')
    .option('--sampler <name>', 'tpe, random, grid, sobol or coarse', 'tpe')
    .option('--prune <name>', 'stop bad trials early: none, median or halving (default: none)')
    .option(...metricOption)
    .option('--maximize', 'more of it is better')
    .option(...trialEpochsOption)
    .option(...trialBatchOption)
    .option(...parallelOption)
    .option('--journal <file>', 'where the search is kept (default: runs/<model>.journal)')
    .option('--redis <url>', 'run trials on workers, e.g. redis://localhost:6379')
    .option(...seedOption)
    .option(...engineOption)
    .option(...jsonOption)
    .option(...quietOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (file, options) => {
      const { tuneAction } = await import('../actions/tune.js')
      finish(await tuneAction(file, options))
    })
}
