import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { jsonOption, verboseOption } from './options.js'

const help = `
Examples:
  $ dlkit explain                        list the practices
  $ dlkit explain P9                     one of them, with an example
  $ dlkit explain vanishing-gradient     what a finding means
  $ dlkit explain initial-loss --json    of a check, for programs`

export function explainCommand(finish: (exitCode: number) => void) {
  return new Command('explain')
    .description('what a practice (P9), a rule or a check is about, and what runs it')
    .argument('[name]', 'P1 to P34, or the name of a rule or a check')
    .option(...jsonOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (name, options) => {
      const { explainAction } = await import('../actions/explain.js')
      finish(explainAction(name, options))
    })
}
