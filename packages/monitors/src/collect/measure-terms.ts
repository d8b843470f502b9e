import * as tf from '@tensorflow/tfjs-core'
import type { Pack } from './pack.js'
import { asRow, squareSum } from './summarize.js'

/** Adds the gradient norm of each loss term to the pack; one backward pass each. */
export function measureTerms(
  pack: Pack,
  terms: Readonly<Record<string, () => tf.Scalar>>,
  variables: tf.Variable[],
): () => Record<string, number> {
  const slots = Object.entries(terms).map(([name, term]) => {
    const { grads } = tf.variableGrads(term, variables)
    const squares = Object.values(grads).flatMap((gradient) => (gradient ? [squareSum(asRow(gradient))] : []))
    return { name, slot: squares.length > 0 ? pack.add(tf.addN(squares)) : undefined }
  })
  return () => Object.fromEntries(slots.map(({ name, slot }) => [name, slot ? Math.sqrt(slot()[0]!) : 0]))
}
