import * as tf from '@tensorflow/tfjs-core'
import type { ActivationKind, LayerReading } from '../reading.js'
import type { Pack } from './pack.js'
import { summarize } from './summarize.js'

/** Elements of a layer's output that are measured: whole samples from the front of the batch, at least one. */
const ELEMENTS = 65_536
/** Distance from the ends of its range, as a share of half of it, at which a squashed value counts as saturated. */
const MARGIN = 0.02

export interface Activation {
  name: string
  network: string
  kind: ActivationKind
  output: boolean
  tensor: tf.Tensor
}

/** Adds the statistics of a layer's output to the pack. */
export function measureActivation(
  pack: Pack,
  { name, network, kind, output, tensor }: Activation,
  sample: boolean,
): () => LayerReading {
  const part = frontOf(tensor)
  const summary = summarize(pack, part, { sample })
  const units = Math.max(1, part.shape.at(-1) ?? 1)
  const active =
    kind === 'relu' && part.size > 0
      ? pack.add(tf.mean(tf.step(tf.reshape(part, [part.size / units, units])), 0))
      : undefined
  const saturated = saturatedShare(part, kind)
  const share = saturated && pack.add(saturated)
  return () => ({
    name,
    network,
    activation: kind,
    output,
    summary: summary(),
    rows: part.size / units,
    ...(active && { active: Array.from(active()) }),
    ...(share && { saturated: share()[0]! }),
  })
}

/** The first samples of a batch, so many that they have about ELEMENTS values. */
function frontOf(tensor: tf.Tensor): tf.Tensor {
  const [batch = 1, ...rest] = tensor.shape
  const float = tensor.dtype === 'float32' ? tensor : tf.cast(tensor, 'float32')
  if (tensor.size <= ELEMENTS) return float
  const count = Math.max(1, Math.floor(ELEMENTS / (tensor.size / batch)))
  return tf.slice(float, [0, ...rest.map(() => 0)], [Math.min(batch, count), ...rest])
}

function saturatedShare(tensor: tf.Tensor, kind: ActivationKind): tf.Tensor | undefined {
  if (kind !== 'sigmoid' && kind !== 'tanh') return undefined
  const centred = kind === 'tanh' ? tensor : tf.sub(tf.mul(tensor, 2), 1)
  return tf.mean(tf.step(tf.sub(tf.abs(centred), 1 - MARGIN)))
}
