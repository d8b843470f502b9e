import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { engineOption, jsonOption, quietOption, trialBatchOption, verboseOption } from './options.js'

const help = `
The file exports params and what is to be changed in them, one switch at a time:
  export const params = { units: 16, dropout: 0.1 }
  export const switches = { 'no dropout': { dropout: 0 }, 'twice as wide': { units: 32 } }

Each is trained under several seeds; an effect is the mean difference with an interval. What the seeds explain is
called undecided. The same command goes on with what the journal holds.

Example:
  $ dlkit ablate my-model.ts --seeds 5`

export function ablateCommand(finish: (exitCode: number) => void) {
  return new Command('ablate')
    .description('say what each part of your own model does, over several seeds')
    .argument('[file]', 'your model (default: model.ts), which exports params and switches')
    .option('--seeds <count>', 'seeds of each, at least 3', '3')
    .option('--metric <name>', 'what is compared at the end (default: val_loss)')
    .option('--maximize', 'more of it is better')
    .option('--epochs <count>', 'passes of each training (default: of the file)')
    .option(...trialBatchOption)
    .option('--journal <file>', 'where results are kept (default: runs/<model>.ablation.journal)')
    .option(...engineOption)
    .option(...jsonOption)
    .option(...quietOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (file, options) => {
      const { ablateAction } = await import('../actions/ablate.js')
      finish(await ablateAction(file, options))
    })
}
