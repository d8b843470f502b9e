import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { jsonOption, quietOption, verboseOption } from './options.js'

const help = `
Of several runs a comparison is written: measures, where configurations and engines differ, curves beside each other,
samples, findings. Reports are single files that fetch nothing, and print well. They may be written while a run trains.

Examples:
  $ dlkit report runs/demo
  $ dlkit report runs/demo runs/other --out comparison.html
  $ dlkit report runs/demo --charts charts`

export function reportCommand(finish: (exitCode: number) => void) {
  return new Command('report')
    .description('write the report of a run again, or a comparison of several')
    .argument('<runs...>', 'run folders of `dlkit train`')
    .option('-o, --out <file>', 'the report (default: report.html of the run, or comparison.html)')
    .option('--charts <folder>', 'write each chart as an SVG and a PNG file, too')
    .option(...jsonOption)
    .option(...quietOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (folders, options) => {
      const { reportAction } = await import('../actions/report.js')
      finish(await reportAction(folders, options))
    })
}
