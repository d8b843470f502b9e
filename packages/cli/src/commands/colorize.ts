import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'

const help = `
Pictures may have any size; they are coloured at that size. Folders are searched through and keep their
structure; ZIP and CBZ archives are read like folders. Unreadable files and pictures that have colour already are
skipped and listed. Results are PNG files, or one file of the format that -o names. After Ctrl-C the same command
goes on with the rest.

Examples:
  $ dlkit colorize sketch.png --run runs/demo -o coloured
  $ dlkit colorize chapter-1 chapter-2 --run runs/demo -o coloured --force`

export function colorizeCommand(finish: (exitCode: number) => void) {
  return new Command('colorize')
    .description('colour line art with a trained network')
    .argument('<paths...>', 'pictures, or folders or archives of pictures')
    .requiredOption('--run <folder>', 'run folder of `dlkit train`')
    .requiredOption('-o, --out <path>', 'folder for the coloured pictures, or the file of one')
    .option('--engine <name>', "'auto', or one that `dlkit engine` lists")
    .option('--force', 'replace results that exist already')
    .option('--recolour', 'colour pictures anew that have colour already')
    .option('--json', 'one JSON event per line on stdout, nothing else')
    .option('--verbose', 'print stack traces')
    .addHelpText('after', asTyped(help))
    .action(async (paths, options) => {
      const { colorizeAction } = await import('../actions/colorize.js')
      finish(await colorizeAction(paths, options))
    })
}
