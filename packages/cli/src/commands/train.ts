import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { quietOption } from './options.js'

const help = `
Configuration: the preset, then the file, then the options; the last one wins. Without a path, dlkit.config.ts,
.json or .yaml in this folder is read. Unknown keys are errors.

A script that exports defineTraining({ model, data }) is trained instead of the colouring network. The short checks
of dlkit check come first.

Presets: demo (minutes on a laptop), standard (the published recipe), quality (128 × 128, hours on processors),
debug (everything that can hide a bug is off).

Ctrl-C writes a checkpoint and ends; a second one kills at once.

Examples:
  $ dlkit train --preset demo
  $ dlkit train --data my-pictures --size 64 --steps 2000 --out runs/mine
  $ dlkit train experiment.config.ts --seed 2
  $ dlkit train --resume runs/mine --steps 4000
  $ dlkit train my-model.ts --epochs 20 --set units=32
  $ dlkit train --preset demo --dashboard
  $ dlkit train --from runs/demo --data my-pictures --size 128 --steps 500`

export function trainCommand(finish: (exitCode: number) => void) {
  return new Command('train')
    .description(
      'train a colouring network, or a model of your own; writes a run folder with checkpoints, samples and a report',
    )
    .argument('[file]', 'configuration of the colouring network, or your own model (my-model.ts)')
    .option('--preset <name>', 'demo, standard, quality or debug (default: standard)')
    .option(
      '--data <source>',
      "'openmoji', or a folder, archive (.zip, .cbz) or list (.jsonl, .csv, .parquet) of pictures",
    )
    .option('--size <pixels>', 'side of the training pictures')
    .option('--batch <count>', 'pictures per step')
    .option('--steps <count>', 'updates of the generator')
    .option('--epochs <count>', 'passes over the training set of your own model')
    .option('--set <name=value...>', 'parameters of your own model that differ from those in its file')
    .option('--no-check', 'train without the short checks before')
    .option('--seed <number>', 'seeds weights, dropout, split and shuffle')
    .option('--engine <name>', "'auto', or one that `dlkit engine` lists")
    .option('--out <folder>', 'the run folder to make (default: runs/<date-time>)')
    .option(
      '--resume <folder>',
      'continue this run; only --steps and the new place of its --data may be given',
    )
    .option('--from <folder>', 'start with the networks and the configuration of this run: fine-tuning')
    .option('--dashboard', 'watch this run, and those beside it, in a browser while it trains')
    .option('--allow-control', 'with --dashboard: the page may pause, save and stop the training')
    .option('--json', 'one JSON event per line on stdout, nothing else')
    .option(...quietOption)
    .option('--verbose', 'print stack traces')
    .addHelpText('after', asTyped(help))
    .action(async (file, options) => {
      const { trainAction } = await import('../actions/train.js')
      finish(await trainAction(file, options))
    })
}
