import {
  div,
  mean,
  reshape,
  sign,
  square,
  stridedSlice,
  sub,
  sum,
  Tensor,
  transpose,
} from '@tensorflow/tfjs-core'

/** What tfjs-layers calls on tensors: the orthogonal initializer of recurrent layers, and the metric R². */
const operations = {
  div,
  flatten: (x: Tensor) => reshape(x, [x.size]),
  mean,
  reshape,
  sign,
  square,
  stridedSlice,
  sub,
  sum,
  transpose,
}

/**
 * Puts these operations on tensors where they are missing: only TensorFlow.js' union package does it by itself, and the
 * file of tfjs-core for it does not load in Node.
 */
export function addChainedOperations(): void {
  for (const [name, operation] of Object.entries(operations)) {
    if (name in Tensor.prototype) continue
    const chained = function (this: Tensor, ...rest: unknown[]) {
      return (operation as (x: Tensor, ...rest: unknown[]) => Tensor)(this, ...rest)
    }
    Object.defineProperty(Tensor.prototype, name, { value: chained, configurable: true, writable: true })
  }
}
