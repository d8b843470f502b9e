import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { engineOption, jsonOption, parallelOption, quietOption, verboseOption } from './options.js'

const help = `
Takes trials of dlkit tune --redis until Ctrl-C; how they train is said there. With a folder that all machines share, a
trial goes on elsewhere from its checkpoint. Needs: npm i bullmq ioredis

Example:
  $ dlkit worker my-model.ts --redis redis://localhost:6379 --parallel 2`

export function workerCommand(finish: (exitCode: number) => void) {
  return new Command('worker')
    .description('train trials of searches that run on other machines')
    .argument('[file]', 'the model of the search (default: model.ts)')
    .requiredOption('--redis <url>', 'the Redis that search and workers share')
    .option('--folder <folder>', 'where the trials have their folders', 'runs/trials')
    .option(...parallelOption)
    .option(...engineOption)
    .option(...jsonOption)
    .option(...quietOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (file, options) => {
      const { workerAction } = await import('../actions/worker.js')
      finish(await workerAction(file, options))
    })
}
