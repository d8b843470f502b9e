import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { jsonOption, quietOption, verboseOption } from './options.js'

const help = `
Prints an address that only this machine can open. The token in it is new each time; set DLKIT_DASHBOARD_TOKEN to keep
it, so that open pages go on after a restart. From another machine: ssh -L 4321:127.0.0.1:4321 that-machine

Ctrl-C ends it; trainings are not disturbed.

Examples:
  $ dlkit dashboard
  $ dlkit dashboard runs/demo --port 4321
  $ dlkit dashboard --allow-control`

export function dashboardCommand(finish: (exitCode: number) => void) {
  return new Command('dashboard')
    .description('watch runs in a browser, live: curves, findings, samples, layers, comparisons, searches')
    .argument('[folder]', 'folder of runs, or one run (default: runs)')
    .option('--port <number>', 'a port of this machine (default: a free one)')
    .option('--allow-control', 'the page may pause, save and stop trainings')
    .option(...jsonOption)
    .option(...quietOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (folder, options) => {
      const { dashboardAction } = await import('../actions/dashboard.js')
      finish(await dashboardAction(folder, options))
    })
}
