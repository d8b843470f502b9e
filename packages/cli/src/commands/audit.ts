import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { jsonOption, quietOption, verboseOption } from './options.js'

const help = `
Finds pictures that cannot be read, are blank, grey or of odd sizes, copies and look-alikes, contradicting labels,
unbalanced classes and line art that does not fit. Ends with 3 when it found something.

Examples:
  $ dlkit audit my-pictures
  $ dlkit audit my-pictures --out audit.html
  $ dlkit audit pictures.zip --json`

export function auditCommand(finish: (exitCode: number) => void) {
  return new Command('audit')
    .description('look at every picture of a data set for what is wrong with it')
    .argument('<data>', "a folder, archive or list of pictures, or 'openmoji'")
    .option('--out <file>', 'HTML page with all cases and thumbnails')
    .option(...jsonOption)
    .option(...quietOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (data, options) => {
      const { auditAction } = await import('../actions/audit.js')
      finish(await auditAction(data, options))
    })
}
