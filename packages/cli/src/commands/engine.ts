import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'

const help = `
Examples:
  $ dlkit engine
  $ dlkit engine --engine cpu
  $ dlkit engine --json`

export function engineCommand(finish: (exitCode: number) => void) {
  return new Command('engine')
    .description('which engine training uses here, why, and why not the others')
    .option('--engine <name>', "'auto', or the engine to try (default: auto)")
    .option('--json', 'print JSON')
    .option('--verbose', 'print stack traces')
    .addHelpText('after', asTyped(help))
    .action(async (options) => {
      const { engineAction } = await import('../actions/engine.js')
      finish(await engineAction(options))
    })
}
