import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { engineOption, jsonOption, quietOption, verboseOption } from './options.js'

const help = `
Opens a page on which a drawing is coloured as you paint: strokes say what colour a part has, a palette or a reference picture
which colours there are. The network runs in the browser; the drawing stays on this machine. Only this machine can open the
address; DLKIT_DASHBOARD_TOKEN keeps its token. Ctrl-C ends it.

--export writes the same page as files that any web server can serve, without this command.

Examples:
  $ dlkit paint sketch.png --run runs/demo
  $ dlkit paint --port 4322
  $ dlkit paint --run runs/demo --export site`

export function paintCommand(finish: (exitCode: number) => void) {
  return new Command('paint')
    .description('colour a drawing in a browser, with strokes that say what colour goes where')
    .argument('[picture]', 'what the page shows first: a picture, or layers that the page has saved')
    .option(
      '--run <folder>',
      'run folder of `dlkit train` (default: the newest of runs/, or the network that comes with dlkit)',
    )
    .option('--export <folder>', 'write the page as files instead of serving it')
    .option('--force', 'export into a folder that holds files already')
    .option('--port <number>', 'a port of this machine (default: a free one)')
    .option(...engineOption)
    .option(...jsonOption)
    .option(...quietOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (picture, options) => {
      const { paintAction } = await import('../actions/paint.js')
      finish(await paintAction(picture, options))
    })
}
