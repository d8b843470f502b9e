import { asTyped } from '../output/command.js'
import { modelCommand } from './model-command.js'

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
  return modelCommand('check', 'look for bugs in a model and its data before a long training')
    .option('--skip <checks>', 'names of checks to leave out, with commas between them')
    .addHelpText('after', asTyped(help))
    .action(async (file, options) => {
      const { checkAction } = await import('../actions/check.js')
      finish(await checkAction(file, options))
    })
}
