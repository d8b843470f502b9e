import { mkdir } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import type { Player } from '@dlkit/checks'
import type { Precision } from '@dlkit/training'
import { replaceFile } from '@dlkit/training/files'
import type * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { closest } from '../config/closest.js'
import { describeError, exitCodes, Failure, UsageError } from '../errors.js'
import { Output, type OutputOptions } from '../output/output.js'
import { chooseEngine } from './choose-engine.js'
import { networkOnnx } from './network-onnx.js'
import { assertWritable, isTaken } from './new-folder.js'
import { type RunConfig, readAnyRunConfig } from './run-config.js'

export interface ExportArgs extends OutputOptions {
  format: string
  precision?: string
  out?: string
  force?: true
}

const formats = ['onnx', 'tfjs', 'safetensors'] as const
type Format = (typeof formats)[number]
const precisions: readonly Precision[] = ['float32', 'float16', 'bfloat16']

/** What a run gives to be exported. */
interface Exported {
  /** The networks by name; `''` where there is one. */
  networks: [name: string, LayersModel][]
  /** The ONNX file, where it holds more than a network. */
  onnx?: () => Promise<Uint8Array>
  weights: Record<string, tf.Tensor>
  dispose(): void
}

/** Writes a trained run in a format that other programs read. @returns the exit code. */
export async function exportAction(folder: string, args: ExportArgs): Promise<number> {
  const output = new Output(args)
  const format = oneOf('--format', formats, args.format)
  const precision = oneOf('--precision', precisions, args.precision ?? 'float32')
  if (args.precision !== undefined && format !== 'safetensors')
    throw new UsageError(`--precision: expected with --format safetensors, got ${format}`)
  const out = args.out ?? join(folder, format === 'tfjs' ? 'tfjs' : `model.${format}`)
  if (format !== 'tfjs' && extname(out) !== `.${format}`)
    throw new UsageError(`-o: expected the name of a .${format} file, got ${out}`)
  const run = await readAnyRunConfig(folder)
  await assertWritable(format === 'tfjs' ? out : dirname(out))
  if (!args.force && (await isTaken(out)))
    throw new Failure(`${out}: exists already. Choose another -o, or replace it with --force`)
  await chooseEngine(undefined)
  const exported = await (run.kind === 'own' ? ownRun(folder, run) : colouringRun(folder, run))
  try {
    const files = await write(exported, format, precision, out)
    output.json({ format, files })
    for (const file of files) output.print(file)
    return exitCodes.done
  } catch (error) {
    throw new Failure(`${folder}: cannot be written as ${format}: ${describeError(error)}`, { cause: error })
  } finally {
    exported.dispose()
  }
}

function oneOf<Name extends string>(option: string, names: readonly Name[], name: string): Name {
  if ((names as readonly string[]).includes(name)) return name as Name
  const meant = closest(name, names)
  throw new UsageError(
    `${option}: expected ${names.join(', ')}, got "${name}"${meant ? `; did you mean ${meant}?` : ''}`,
  )
}

async function write(
  { networks, onnx, weights }: Exported,
  format: Format,
  precision: Precision,
  out: string,
): Promise<string[]> {
  await mkdir(dirname(out), { recursive: true })
  if (format === 'safetensors') {
    const { saveWeights } = await import('@dlkit/training')
    await saveWeights(out, weights, { precision })
    return [out]
  }
  if (networks.length === 0)
    throw new Error('its players have no model of tf.layers; use --format safetensors')
  if (format === 'tfjs') {
    const files: string[] = []
    for (const [name, model] of networks) {
      await model.save(`file://${join(out, name)}`)
      files.push(join(out, name, 'model.json'))
    }
    return files
  }
  if (onnx) {
    replaceFile(out, await onnx())
    return [out]
  }
  const { exportOnnx } = await import('@dlkit/backend-onnxruntime')
  const files = networks.map(([name, model]) => ({
    model,
    file: name === '' ? out : `${out.slice(0, -extname(out).length)}-${name}${extname(out)}`,
  }))
  for (const { model, file } of files) replaceFile(file, await exportOnnx(model))
  return files.map(({ file }) => file)
}

async function ownRun(folder: string, { config }: Extract<RunConfig, { kind: 'own' }>): Promise<Exported> {
  const [{ openOwnRun }, { LayersModel }] = await Promise.all([
    import('../training/open-own-run.js'),
    import('@tensorflow/tfjs-layers'),
  ])
  const { training, trainer } = await openOwnRun(folder, config)
  const { subject } = training
  const players = typeof (subject as Player).loss === 'function' ? { '': subject as Player } : subject
  const networks: [string, LayersModel][] =
    subject instanceof LayersModel
      ? [['', subject]]
      : Object.entries(players as Record<string, Player>).flatMap(([name, { model }]) =>
          model ? [[name, model] as [string, LayersModel]] : [],
        )
  return { networks, weights: trainer.weights(), dispose: () => trainer.dispose() }
}

/** The averaged generator. */
async function colouringRun(
  folder: string,
  { config }: Extract<RunConfig, { kind: 'colour' }>,
): Promise<Exported> {
  const [tf, { buildGenerator, loadColorizer }, training] = await Promise.all([
    import('@tensorflow/tfjs-core'),
    import('@dlkit/gan-colorize'),
    import('@dlkit/training'),
  ])
  const colorizer = await loadColorizer(folder)
  const generator = buildGenerator(config)
  const { tensors } = await training.loadCheckpoint(training.RunFolder.open(folder))
  training.loadModelTensors(generator, training.takeGroup(tensors, 'average'))
  tf.dispose(tensors)
  return {
    networks: [['', generator]],
    onnx: () => networkOnnx(colorizer),
    weights: training.modelTensors(generator),
    dispose() {
      generator.dispose()
      colorizer.dispose()
    },
  }
}
