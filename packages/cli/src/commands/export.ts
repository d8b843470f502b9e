import { Command } from '@commander-js/extra-typings'
import { asTyped } from '../output/command.js'
import { jsonOption, quietOption, verboseOption } from './options.js'

const help = `
onnx: for ONNX Runtime and other languages. Of the colouring network it holds all from the drawing, with the planes of strokes
  where it takes them, to the colours.
tfjs: model.json and weights.bin for tf.loadLayersModel; a folder.
safetensors: the weights by name, for Python; with --precision float16 or bfloat16 in half the space, rounded.

Examples:
  $ dlkit export runs/demo --format onnx -o colour.onnx
  $ dlkit export runs/mine --format tfjs`

export function exportCommand(finish: (exitCode: number) => void) {
  return new Command('export')
    .description('write a trained run for other programs: onnx, tfjs or safetensors')
    .argument('<run>', 'run folder of `dlkit train`')
    .requiredOption('--format <name>', 'onnx, tfjs or safetensors')
    .option('--precision <name>', 'of safetensors: float32, float16 or bfloat16 (default: float32)')
    .option('-o, --out <path>', 'file, or folder for tfjs (default: in the run folder)')
    .option('--force', 'replace what is there')
    .option(...jsonOption)
    .option(...quietOption)
    .option(...verboseOption)
    .addHelpText('after', asTyped(help))
    .action(async (run, options) => {
      const { exportAction } = await import('../actions/export-run.js')
      finish(await exportAction(run, options))
    })
}
