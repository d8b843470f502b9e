import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { jsonOption, verboseOption } from './options.js'

const help = `
Example:
  $ dlkit report runs/demo`

export function reportCommand(finish: (exitCode: number) => void) {
  return new Command('report')
    .description('write report.html of a run again; works while it is training, too')
    .argument('<run>', 'run folder of `dlkit train`')
    .option(...jsonOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (folder, options) => {
      const { reportAction } = await import('../actions/report.js')
      finish(await reportAction(folder, options))
    })
}
