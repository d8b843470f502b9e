import * as tf from '@tensorflow/tfjs-core'
import { isNdArray, isNumberArray, isRow, type Values } from './values.js'

/** A web stream, also where it cannot be iterated. */
export interface ReadableBatches<T extends Values> {
  getReader(): { read(): Promise<{ done: boolean; value?: T | undefined }>; releaseLock(): void }
}

/** Batches that are read one after the other: a list of tensors, a generator, an async generator, a web stream. */
export type Batches<T extends Values = Values> = Iterable<T> | AsyncIterable<T> | ReadableBatches<T>

/** Tells one batch from several: rows, also nested ones, are one batch. */
export function isOneBatch(x: Values | Batches): x is Values {
  if (x instanceof tf.Tensor || isNumberArray(x) || isNdArray(x) || isRow(x)) return true
  return Array.isArray(x) && !(x[0] instanceof tf.Tensor || isNdArray(x[0]))
}

/** The batches of `x`, or `x` alone. They stay the caller's. */
export async function* batchesOf<T extends Values>(name: string, x: T | Batches<T>): AsyncGenerator<T> {
  if (isOneBatch(x)) {
    yield x as T
  } else if (isReadable(x)) {
    const reader = x.getReader()
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value as T
    } finally {
      reader.releaseLock()
    }
  } else if (isIterable(x)) {
    yield* x
  } else {
    throw new TypeError(
      `${name}: expected data or batches of data, got ${x === null ? 'null' : typeof x}. ` +
        'Pass a tensor, rows of numbers, a typed array, or an iterable of them.',
    )
  }
}

function isReadable(x: unknown): x is ReadableBatches<Values> {
  return typeof x === 'object' && x !== null && 'getReader' in x
}

function isIterable(x: unknown): boolean {
  return typeof x === 'object' && x !== null && (Symbol.iterator in x || Symbol.asyncIterator in x)
}
