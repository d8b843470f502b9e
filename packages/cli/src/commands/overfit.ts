import { asTyped } from '../output/command.js'
import { modelCommand } from './model-command.js'

const help = `
A network without bugs learns 8 samples by heart. Where it does not, other learning rates are tried, to say why.
Without a file the colouring network is looked at. Ends with 3 when the samples cannot be learned.

Examples:
  $ dlkit overfit my-model.ts
  $ dlkit overfit --preset demo`

export function overfitCommand(finish: (exitCode: number) => void) {
  return modelCommand(
    'overfit',
    'train on a tiny set until it is known by heart; finds most bugs in a minute',
  )
    .option('--steps <count>', 'steps at most (default: 300)')
    .addHelpText('after', asTyped(help))
    .action(async (file, options) => {
      const { overfitAction } = await import('../actions/overfit.js')
      finish(await overfitAction(file, options))
    })
}
