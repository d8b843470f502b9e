import * as tfl from '@tensorflow/tfjs-layers'
import { checkRate } from './check-rate.js'
import type { Regularizer } from './tfjs-regularizer.js'

/** Rates of `l1L2`, each at least 0. */
export interface L1L2Rates {
  /** Factor of the sum of absolute values, >= 0. */
  l1: number
  /** Factor of the sum of squares, >= 0. */
  l2: number
}

/**
 * L1 regularizer for tf.layers: adds `rate · Σ|w|` to the training loss, which drives weights to exactly 0.
 *
 * It is tfjs's own regularizer, so saved models load without registering anything.
 *
 * @param rate finite and >= 0; 1e-5 to 1e-3 is usual.
 * @throws RangeError for another rate.
 */
export function l1(rate: number): Regularizer {
  return tfl.regularizers.l1({ l1: checkRate('l1', rate) })
}

/**
 * L2 regularizer for tf.layers: adds `rate · Σw²` to the training loss; the stable default.
 *
 * The factor is Keras's: a gradient of `2 · rate · w`. PyTorch's `weight_decay` has the gradient `weight_decay · w`,
 * so `weight_decay = 2 · rate`; some papers write `λ/2 · Σw²`, so `λ = 2 · rate`.
 * It is tfjs's own regularizer, so saved models load without registering anything.
 *
 * @param rate finite and >= 0; 1e-5 to 1e-3 is usual.
 * @throws RangeError for another rate.
 */
export function l2(rate: number): Regularizer {
  return tfl.regularizers.l2({ l2: checkRate('l2', rate) })
}

/**
 * Both at once: adds `l1 · Σ|w| + l2 · Σw²` to the training loss (Zou and Hastie 2005, the elastic net).
 *
 * @throws RangeError for a rate that is not finite and >= 0.
 */
export function l1l2(rates: L1L2Rates): Regularizer {
  return tfl.regularizers.l1l2({ l1: checkRate('l1l2.l1', rates.l1), l2: checkRate('l1l2.l2', rates.l2) })
}
