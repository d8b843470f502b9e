import { createHash } from 'node:crypto'
import type { Batch, CheckData, Samples } from '@dlkit/checks'
import * as tf from '@tensorflow/tfjs-core'
import { Failure } from '../errors.js'

type Tensors = Samples['inputs']

export const splits = ['train', 'validation', 'test'] as const
export type Split = (typeof splits)[number]

export const listOf = (tensors: Tensors | undefined): readonly tf.Tensor[] =>
  tensors === undefined ? [] : Array.isArray(tensors) ? tensors : [tensors]

/** Samples of a split; undefined where the data have none. */
export function samplesOf(data: CheckData, split: Split): Samples | undefined {
  return split === 'train' ? data : data[split]
}

/** Number of samples that all tensors have. */
export function countOf(samples: Samples | undefined): number {
  if (samples === undefined) return 0
  return Math.min(
    ...[...listOf(samples.inputs), ...listOf(samples.targets)].map(({ shape }) => shape[0] ?? 0),
  )
}

/** The samples at these positions; the caller disposes of them. */
export function take({ inputs, targets }: Samples, positions: readonly number[]): Batch {
  const index = tf.tensor1d([...positions], 'int32')
  const gathered = (tensors: Tensors): Tensors =>
    Array.isArray(tensors) ? tensors.map((tensor) => tf.gather(tensor, index)) : tf.gather(tensors, index)
  const batch = { inputs: gathered(inputs), ...(targets !== undefined && { targets: gathered(targets) }) }
  index.dispose()
  return batch
}

/** @throws Failure for data without tensors or samples. */
export function checkData(file: string, data: CheckData): void {
  for (const split of splits) {
    const samples = split === 'train' ? data : data?.[split]
    if (samples === undefined && split !== 'train') continue
    const name = split === 'train' ? 'data' : `data.${split}`
    const tensors = [...listOf(samples?.inputs), ...listOf(samples?.targets)]
    const isWrong = tensors.some((tensor) => !(tensor instanceof tf.Tensor) || tensor.rank === 0)
    if (samples?.inputs === undefined || tensors.length === 0 || isWrong)
      throw new Failure(`${file}: ${name}: expected { inputs, targets } that are tensors of samples`)
    if (countOf(samples) === 0) throw new Failure(`${file}: ${name}: expected samples, got none`)
  }
}

/** SHA-256 (hex) over shapes and values of all splits: equal hashes mean equal data. */
export async function hashOf(data: CheckData): Promise<string> {
  const hash = createHash('sha256')
  for (const split of splits) {
    const samples = samplesOf(data, split)
    for (const tensor of [...listOf(samples?.inputs), ...listOf(samples?.targets)]) {
      const values = await tensor.data()
      hash.update(`${split} ${tensor.dtype} ${tensor.shape}\n`)
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    }
  }
  return hash.digest('hex')
}
