import {
  assignWeights,
  type ModelWeights,
  matchesAny,
  modelTensors,
  type NamePattern,
} from '@dlkit/optimizers'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensors } from '../parts/part.js'

/** Options of `transferWeights`. */
export interface TransferArgs {
  /** The weights of the model to load, by name, as for `freeze`. Default: all. */
  include?: readonly NamePattern[]
  /** Those to leave as they are, such as a new last layer. Default: none. */
  exclude?: readonly NamePattern[]
  /** What a weight of the model is called among the loaded ones. Default: the same. */
  rename?: (name: string) => string
  /** Brings a tensor into the shape of a weight, such as `tf.transpose`. It may return its argument. */
  adapt?: (tensor: tf.Tensor, weight: { name: string; shape: readonly number[] }) => tf.Tensor
}

/** What became of each weight of a model, by name. */
export interface TransferReport {
  matched: string[]
  /** Loaded, too: their shapes differ in axes of length 1 alone, or `adapt` has changed them. */
  reshaped: { name: string; from: number[]; to: number[] }[]
  /** Of another shape or type; left as they were. */
  mismatched: { name: string; expected: string; got: string }[]
  /** Not among the loaded ones; left as they were. */
  missing: string[]
  /** Left out by `include` and `exclude`. */
  skipped: string[]
  /** Loaded ones that no weight of the model has asked for. */
  unused: string[]
  /** All of it in a few lines. */
  text: string
}

/**
 * Loads the weights of another model as far as they fit, by name, for transfer: an encoder with another head. Says of each
 * weight what became of it. `weights` stay the caller's.
 *
 * To leave what was loaded as it is in training, see `freeze` and `layerwiseDecay` of `@dlkit/optimizers`.
 *
 * @throws {RangeError} when not a single weight was loaded; then nothing has changed.
 *
 * @example
 * const weights = await readWeights('runs/mine/model.safetensors')
 * console.log(transferWeights(model, weights, { exclude: ['head'] }).text)
 * tf.dispose(weights)
 */
export function transferWeights(
  model: ModelWeights,
  weights: Tensors,
  { include, exclude = [], rename = (name) => name, adapt }: TransferArgs = {},
): TransferReport {
  const report: Omit<TransferReport, 'text'> = {
    matched: [],
    reshaped: [],
    mismatched: [],
    missing: [],
    skipped: [],
    unused: [],
  }
  const used = new Set<string>()
  tf.tidy(() => {
    const loaded: Record<string, tf.Tensor> = {}
    for (const [name, weight] of Object.entries(modelTensors(model))) {
      if ((include && !matchesAny(include, name)) || matchesAny(exclude, name)) {
        report.skipped.push(name)
        continue
      }
      const source = rename(name)
      const found = Object.hasOwn(weights, source) ? weights[source] : undefined
      if (found === undefined) {
        report.missing.push(name)
        continue
      }
      used.add(source)
      const fitted = fit(adapt ? adapt(found, { name, shape: weight.shape }) : found, weight)
      if (fitted === undefined) {
        report.mismatched.push({ name, expected: describe(weight), got: describe(found) })
        continue
      }
      loaded[name] = fitted
      if (fitted === found) report.matched.push(name)
      else report.reshaped.push({ name, from: found.shape, to: weight.shape })
    }
    report.unused = Object.keys(weights).filter((name) => !used.has(name))
    if (Object.keys(loaded).length === 0) {
      throw new RangeError(
        `transferWeights: expected weights of the model (${few(Object.keys(modelTensors(model)))}), got none that fit ` +
          `(${few(Object.keys(weights))}). Use rename, or name layers as they were.`,
      )
    }
    assignWeights(model, loaded)
  })
  return { ...report, text: textOf(report) }
}

/** The tensor in the shape of the weight, if only axes of length 1 differ. */
function fit(tensor: tf.Tensor, weight: tf.Tensor): tf.Tensor | undefined {
  if (tensor.dtype !== weight.dtype) return undefined
  if (tensor.shape.join() === weight.shape.join()) return tensor
  const longer = ({ shape }: tf.Tensor) => shape.filter((length) => length !== 1).join()
  return longer(tensor) === longer(weight) ? tf.reshape(tensor, weight.shape) : undefined
}

function textOf(report: Omit<TransferReport, 'text'>): string {
  const lines: [what: string, names: string[]][] = [
    ['matched', report.matched],
    ['reshaped', report.reshaped.map(({ name, from, to }) => `${name} from [${from}] to [${to}]`)],
    ['mismatched', report.mismatched.map(({ name, expected, got }) => `${name} is ${expected}, got ${got}`)],
    ['missing', report.missing],
    ['skipped', report.skipped],
    ['unused', report.unused],
  ]
  return lines
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what} ${names.length}: ${few(names)}`)
    .join('\n')
}

function describe({ dtype, shape }: tf.Tensor): string {
  return `${dtype} [${shape}]`
}

function few(names: readonly string[]): string {
  if (names.length === 0) return 'none'
  return names.slice(0, 4).join(', ') + (names.length > 4 ? `, ${names.length - 4} more` : '')
}
