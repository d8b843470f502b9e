import * as tf from '@tensorflow/tfjs-core'
import type { BatchReading } from '../reading.js'
import type { Pack } from './pack.js'
import { summarize } from './summarize.js'

/** Columns beyond this are not measured one by one. */
const COLUMNS = 4096
const FINGERPRINT = 16

export interface BatchTensor {
  tensor: tf.Tensor
  /** The numbers are names: token ids, class numbers. */
  discrete: boolean
  /** Number of classes, if the tensor holds class numbers; columns are then the classes. */
  classes?: number | undefined
}

/** Adds the statistics of inputs, targets or outputs to the pack. */
export function measureBatch(
  pack: Pack,
  { tensor, discrete, classes }: BatchTensor,
  sample: boolean,
): () => BatchReading {
  const float = tensor.dtype === 'float32' ? tensor : tf.cast(tensor, 'float32')
  const batch = tensor.shape[0] ?? 1
  const summary = summarize(pack, float, { sample })
  const rows = rowsOf(classes === undefined ? float : oneHot(tensor, classes))
  const mean = tf.mean(rows, 0)
  const columnMean = pack.add(mean)
  const columnVariance = pack.add(tf.mean(tf.square(tf.sub(rows, mean)), 0))
  const flat = tf.reshape(float, [batch, -1])
  const centred = tf.sub(flat, tf.mean(flat, 0, true))
  const batchStd = pack.add(tf.mean(tf.sqrt(tf.mean(tf.square(centred), 0))))
  const first = pack.add(tf.slice(tf.reshape(float, [float.size]), 0, Math.min(FINGERPRINT, float.size)))
  const saturation = float.rank === 4 && float.shape[3] === 3 ? pack.add(meanSaturation(float)) : undefined
  return () => {
    const statistics = summary()
    return {
      batch,
      shape: tensor.shape.slice(1),
      summary: statistics,
      discrete,
      columnMean: Array.from(columnMean()),
      columnVariance: Array.from(columnVariance()),
      fingerprint: [statistics.mean, statistics.norm, ...Array.from(first())].join(' '),
      batchStd: batchStd()[0]!,
      ...(saturation && { saturation: saturation()[0]! }),
    }
  }
}

/** Classes beyond this are none. */
const CLASSES = 256

/** Largest |correlation| over the batch between a column of the inputs and a class, or the number of the class. */
export function measureLeak(pack: Pack, inputs: tf.Tensor, targets: tf.Tensor): (() => number) | undefined {
  const batch = inputs.shape[0] ?? 1
  const isTooLarge = inputs.size / batch > COLUMNS || targets.size / batch > CLASSES
  if (inputs.dtype !== 'float32' || targets.rank > 2 || isTooLarge) return undefined
  const x = standardize(tf.reshape(inputs, [batch, -1]))
  const classes = tf.cast(tf.reshape(targets, [batch, -1]), 'float32')
  const columns = classes.shape[1] ?? 1
  const number = tf.matMul(classes, tf.reshape(tf.range(0, columns, 1, 'float32'), [columns, 1]))
  const y = standardize(columns > 1 ? tf.concat([classes, number], 1) : classes)
  const slot = pack.add(tf.max(tf.abs(tf.div(tf.matMul(x, y, true, false), batch))))
  return () => slot()[0]!
}

/** Zero mean and unit variance per column; constant columns become 0. */
function standardize(rows: tf.Tensor): tf.Tensor {
  const centred = tf.sub(rows, tf.mean(rows, 0, true))
  return tf.div(centred, tf.sqrt(tf.add(tf.mean(tf.square(centred), 0, true), 1e-12)))
}

/** `[batch, columns]`: a matrix as it is, pictures and sequences as the means over their positions. */
function rowsOf(tensor: tf.Tensor): tf.Tensor {
  if (tensor.rank < 2) return tf.reshape(tensor, [tensor.size, 1])
  const rows = tensor.rank === 2 ? tensor : tf.mean(tensor, middleAxes(tensor.rank))
  return (rows.shape[1] ?? 1) <= COLUMNS ? rows : tf.mean(rows, 1, true)
}

function middleAxes(rank: number): number[] {
  return Array.from({ length: rank - 2 }, (_, index) => index + 1)
}

function oneHot(tensor: tf.Tensor, classes: number): tf.Tensor {
  const numbers = tf.cast(tf.reshape(tensor, [tensor.size]), 'int32') as tf.Tensor1D
  return tf.cast(tf.oneHot(numbers, classes), 'float32')
}

function meanSaturation(pictures: tf.Tensor): tf.Tensor {
  return tf.mean(tf.sub(tf.max(pictures, 3), tf.min(pictures, 3)))
}
