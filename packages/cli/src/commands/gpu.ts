import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { jsonOption, quietOption } from './options.js'

const help = `
Looks for NVIDIA's driver, the libraries of CUDA 13 and compiled operators, lets the GPU compute, and times training
steps for ten seconds. Ends with 3 when no GPU can be used here, and says what to do.

Examples:
  $ dlkit gpu
  $ dlkit gpu --no-speed
  $ dlkit gpu --json`

export function gpuCommand(finish: (exitCode: number) => void) {
  return new Command('gpu')
    .description('whether training can use a GPU here, what is missing and how to get it, and how fast it is')
    .option('--no-speed', 'without the ten seconds of training')
    .option(...jsonOption)
    .option(...quietOption)
    .option('--verbose', 'print where libraries were looked for, and stack traces')
    .addHelpText('after', asTyped(help))
    .action(async (options) => {
      const { gpuAction } = await import('../actions/gpu.js')
      finish(await gpuAction(options))
    })
}
