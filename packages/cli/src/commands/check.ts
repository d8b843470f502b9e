import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'

const help = `
Examples:
  $ dlkit check my-model.ts
  $ dlkit check my-model.ts --skip label-shuffling,input-importance

my-model.ts:
  import { defineTraining } from '@dlkit/cli'
  …
  export default defineTraining({ model, data: { inputs, targets } })`

export function checkCommand(finish: (exitCode: number) => void) {
  return new Command('check')
    .description('look for bugs in a model of your own and its data before a long training')
    .argument(
      '<file>',
      'TypeScript or JavaScript file whose default export is defineTraining({ model, data })',
    )
    .option('--skip <checks>', 'names of checks to leave out, with commas between them')
    .option('--batch-size <count>', 'samples per batch (default: 32)')
    .option('--seed <number>', 'seed of everything random (default: 1)')
    .option('--engine <name>', "'auto', or one that `dlkit engine` lists (default: auto)")
    .option('--json', 'print one JSON object per check on stdout, nothing else')
    .option('--verbose', 'print stack traces')
    .addHelpText('after', asTyped(help))
    .action(async (file, options) => {
      const { checkAction } = await import('../actions/check.js')
      finish(await checkAction(file, options))
    })
}
