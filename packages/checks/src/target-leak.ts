import { list } from '@dlkit/monitors/tools'
import type * as tf from '@tensorflow/tfjs-core'
import type { Judgement } from './check-result.js'
import { listOf, type Samples } from './samples.js'

/** Correlation from which a column is the other one, in other units. */
const SAME = 0.9999
const FEWEST = 16

/** Columns of a table that are a column of the targets: a label that was not taken out, or one known only afterwards. */
export async function targetLeaks({ inputs, targets }: Samples): Promise<Judgement[]> {
  const judgements: Judgement[] = []
  for (const [index, table] of listOf(inputs).entries()) {
    for (const target of listOf(targets)) {
      if (!isTable(table) || target.rank > 2 || (target.shape[1] ?? 1) >= table.shape[1]!) continue
      const columns = await sameColumns(table, target)
      if (columns.length === 0) continue
      judgements.push({
        verdict: 'warn',
        evidence: `Of inputs${listOf(inputs).length > 1 ? `[${index}]` : ''} column ${list(columns.map(String))} (counted from 0) equals a target, up to units.`,
        next: 'First take out of the inputs what is not known when the model is used.',
      })
    }
  }
  return judgements
}

const isTable = ({ rank, dtype, shape }: tf.Tensor): boolean =>
  rank === 2 && dtype !== 'string' && shape[1]! > 1 && shape[0]! >= FEWEST

async function sameColumns(table: tf.Tensor, target: tf.Tensor): Promise<number[]> {
  const [own, wanted] = [await columnsOf(table), await columnsOf(target)]
  return own.flatMap((column, index) => (wanted.some((other) => isSame(column, other)) ? [index] : []))
}

/** Each column with zero mean and length 1. */
async function columnsOf(tensor: tf.Tensor): Promise<Float64Array[]> {
  const values = await tensor.data()
  const rows = tensor.shape[0]!
  const width = tensor.size / rows
  return Array.from({ length: width }, (_, column) => {
    const own = Float64Array.from({ length: rows }, (_, row) => values[row * width + column]!)
    const mean = own.reduce((sum, value) => sum + value, 0) / rows
    const length = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0))
    return own.map((value) => (value - mean) / length)
  })
}

/** A constant column is NaN, and like no other. */
const isSame = (one: Float64Array, other: Float64Array): boolean =>
  one.length === other.length &&
  Math.abs(one.reduce((sum, value, row) => sum + value * other[row]!, 0)) > SAME
