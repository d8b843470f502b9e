import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { jsonOption, quietOption, verboseOption } from './options.js'

const help = `
Templates: colours (a network that colours line art, on your pictures), own (a model of your own: checks, training,
search), monitors (for trainings that you write yourself). On a terminal it asks for what is missing.

Examples:
  $ dlkit init
  $ dlkit init my-model --template own --yes`

export function initCommand(finish: (exitCode: number) => void) {
  return new Command('init')
    .description('make the folder of a new project')
    .argument('[folder]', 'a new or empty folder')
    .option('--template <name>', 'colours, own or monitors')
    .option('-y, --yes', 'take the defaults instead of asking: colours, in my-colours')
    .option(...jsonOption)
    .option(...quietOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (folder, options) => {
      const { initAction } = await import('../actions/init.js')
      finish(await initAction(folder, options))
    })
}
