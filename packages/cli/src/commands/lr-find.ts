import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import {
  batchOption,
  checkedFile,
  dataOption,
  engineOption,
  jsonOption,
  presetOption,
  quietOption,
  seedOption,
  sizeOption,
  verboseOption,
} from './options.js'

const help = `
Raises the learning rate from 1e-7 to 10 and shows where the loss falls and where it diverges; of several players
each by itself. Without a file the colouring network is looked at. Ends with 3 when the rate of the optimizer
diverges.

Examples:
  $ dlkit lr-find my-model.ts
  $ dlkit lr-find --preset demo --out rates.png`

export function lrFindCommand(finish: (exitCode: number) => void) {
  return new Command('lr-find')
    .description('find a learning rate: the loss over a rate that rises step by step')
    .argument(...checkedFile)
    .option('--steps <count>', 'steps of the test (default: 80)')
    .option('--out <file>', 'PNG file for the curve; of several players one each')
    .option(...batchOption)
    .option(...seedOption)
    .option(...presetOption)
    .option(...dataOption)
    .option(...sizeOption)
    .option(...engineOption)
    .option(...jsonOption)
    .option(...quietOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (file, options) => {
      const { lrFindAction } = await import('../actions/lr-find.js')
      finish(await lrFindAction(file, options))
    })
}
