import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { jsonOption, quietOption, verboseOption } from './options.js'

const help = `
Each engine that works here trains a small convolutional network for five seconds: 8 filters, 32 × 32 pixels, 4 pictures
per step. The speeds are to compare engines on this machine; other networks have others.

Examples:
  $ dlkit engine
  $ dlkit engine --engine cpu --no-speed
  $ dlkit engine --json`

export function engineCommand(finish: (exitCode: number) => void) {
  return new Command('engine')
    .description('which engine training uses here, why, and why not the others')
    .option('--engine <name>', "'auto', or the engine to try (default: auto)")
    .option('--no-speed', 'leave out how fast each engine trains, which takes five seconds each')
    .option(...jsonOption)
    .option(...quietOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (options) => {
      const { engineAction } = await import('../actions/engine.js')
      finish(await engineAction(options))
    })
}
