import * as tf from '@tensorflow/tfjs-core'
import type { ActivationKind, LayerReading } from '../reading.js'
import type { Pack } from './pack.js'
import { SMALL, summaryOf } from './summarize.js'

/** Distance from the ends of its range, as a share of half of it, at which a squashed value counts as saturated. */
const MARGIN = 0.02

export interface Activation {
  name: string
  network: string
  kind: ActivationKind
  output: boolean
  tensor: tf.Tensor
}

/**
 * Adds a layer's output to the pack: about SMALL elements of it, from all samples at evenly spaced positions where there
 * are positions, or else from the first samples.
 */
export function measureActivation(
  pack: Pack,
  { name, network, kind, output, tensor }: Activation,
  sample: boolean,
): () => LayerReading {
  const part = thin(tensor)
  const units = Math.max(1, part.shape.at(-1) ?? 1)
  const slot = pack.add(part)
  return () => {
    const values = slot()
    return {
      name,
      network,
      activation: kind,
      output,
      summary: summaryOf(values, sample),
      rows: part.size / units,
      ...(kind === 'relu' && { active: activeShares(values, units) }),
      ...((kind === 'sigmoid' || kind === 'tanh') && { saturated: saturatedShare(values, kind) }),
    }
  }
}

function thin(tensor: tf.Tensor): tf.Tensor {
  const { shape, size, rank } = tensor
  if (size <= SMALL) return tensor
  if (rank === 4 || rank === 3) {
    const stride = rank === 4 ? Math.ceil(Math.sqrt(size / SMALL)) : Math.ceil(size / SMALL)
    const strides = shape.map((_, axis) => (axis > 0 && axis < rank - 1 ? stride : 1))
    return tf.stridedSlice(
      tensor,
      shape.map(() => 0),
      shape,
      strides,
    )
  }
  const [batch = 1, ...rest] = shape
  const count = Math.max(1, Math.floor((SMALL * batch) / size))
  return tf.slice(tensor, [0, ...rest.map(() => 0)], [count, ...rest])
}

/** For each unit, which is a position of the last axis, the share of values above 0. */
function activeShares(values: ArrayLike<number>, units: number): number[] {
  const counts = new Array<number>(units).fill(0)
  for (let index = 0; index < values.length; index++) if (values[index]! > 0) counts[index % units]!++
  return counts.map((count) => (count * units) / values.length)
}

function saturatedShare(values: ArrayLike<number>, kind: 'sigmoid' | 'tanh'): number {
  let count = 0
  for (let index = 0; index < values.length; index++) {
    const centred = kind === 'tanh' ? values[index]! : 2 * values[index]! - 1
    if (Math.abs(centred) > 1 - MARGIN) count++
  }
  return count / values.length
}
