import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'

const help = `
Pictures may have any size; they are coloured at that size. Folders are searched through and keep their
structure; archives (ZIP, CBZ, CBR) and PDFs are read like folders, and -o book.cbz or book.pdf makes a book of
them, in which pages that were not coloured stay as they are. Unreadable files and pictures that have colour already are
skipped and listed. Results are PNG files, or one file of the format that -o names. After Ctrl-C the same command
goes on with the rest.

Strokes of colour are a JSON file: [{"colour": "#d2493a", "points": [[120, 80], [160, 84]], "width": 10}], in pixels of
the picture, or {"page 1.png": [strokes], ...} for several. Each fills what its lines enclose.

Examples:
  $ dlkit colorize sketch.png
  $ dlkit colorize book.cbr --palette "#f9c9a0,#c8553d,#588b8b" -o coloured.cbz
  $ dlkit colorize sketch.png --hints strokes.json --palette "#f9c9a0,#c8553d,#588b8b" --layers psd
  $ dlkit colorize chapter-1 chapter-2 --run runs/demo -o coloured --force`

export function colorizeCommand(finish: (exitCode: number) => void) {
  return new Command('colorize')
    .description('colour line art with a trained network')
    .argument('<paths...>', 'pictures, or folders or archives of pictures')
    .option('--run <folder>', 'run folder of `dlkit train` (default: the network that comes with dlkit)')
    .option(
      '-o, --out <path>',
      'folder for the coloured pictures, the file of one, or a book (.cbz, .pdf)',
      'coloured',
    )
    .option('--hints <file>', 'strokes of colour, as JSON')
    .option('--palette <colours>', 'up to 16 colours, such as "#f9c9a0,#c8553d"; nothing else is painted')
    .option('--strength <share>', 'from 0, the drawing as it is, to 1 (default: 1)')
    .option('--style <name>', "'flat', or 'shaded' as the network paints (default: flat)")
    .option('--variants <count>', 'versions in other palettes: picture-2.png, picture-3.png (at most 9)')
    .option('--layers <kind>', "'psd' or 'png': colours, shades and ink as layers beside the picture")
    .option('--keep-ink', 'ink keeps every byte (this is the default)')
    .option('--no-keep-ink', 'lines that are not black take on paint')
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
