import { asTyped } from '../output/command.js'
import { modelCommand } from './model-command.js'

const help = `
Raises the learning rate from 1e-7 to 10 and shows where the loss falls and where it diverges; of several players
each by itself. Without a file the colouring network is looked at. Ends with 3 when the rate of the optimizer
diverges.

Examples:
  $ dlkit lr-find my-model.ts
  $ dlkit lr-find --preset demo --out rates.png`

export function lrFindCommand(finish: (exitCode: number) => void) {
  return modelCommand('lr-find', 'find a learning rate: the loss over a rate that rises step by step')
    .option('--steps <count>', 'steps of the test (default: 80)')
    .option('--out <file>', 'PNG file for the curve; of several players one each')
    .addHelpText('after', asTyped(help))
    .action(async (file, options) => {
      const { lrFindAction } = await import('../actions/lr-find.js')
      finish(await lrFindAction(file, options))
    })
}
