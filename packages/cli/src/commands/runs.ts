import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { jsonOption, quietOption, verboseOption } from './options.js'

const help = `
--prune removes runs that diverged, are damaged or were never trained; runs that can be continued stay. It asks on a
terminal; elsewhere it wants --yes.

Examples:
  $ dlkit runs
  $ dlkit runs experiments --json
  $ dlkit runs --prune --yes`

export function runsCommand(finish: (exitCode: number) => void) {
  return new Command('runs')
    .description('list the runs of a folder: state, steps, measures, size')
    .argument('[folder]', 'the folder that holds them', 'runs')
    .option('--prune', 'remove runs that nobody can use')
    .option('-y, --yes', 'without asking')
    .option(...jsonOption)
    .option(...quietOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (folder, options) => {
      const { runsAction } = await import('../actions/runs.js')
      finish(await runsAction(folder, options))
    })
}
