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
Examples:
  $ dlkit check my-model.ts
  $ dlkit check my-model.ts --skip label-shuffling,input-importance
  $ dlkit check --preset demo

my-model.ts:
  import { defineTraining } from '@dlkit/cli'
  …
  export default defineTraining({ model, data: { inputs, targets } })`

export function checkCommand(finish: (exitCode: number) => void) {
  return new Command('check')
    .description('look for bugs in a model and its data before a long training')
    .argument(...checkedFile)
    .option('--skip <checks>', 'names of checks to leave out, with commas between them')
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
      const { checkAction } = await import('../actions/check.js')
      finish(await checkAction(file, options))
    })
}
