import * as tf from '@tensorflow/tfjs-core'
import type { State } from './step.js'

/** Of engines that do Adam's arithmetic for all weights at once, such as that of `@dlkit/backend-onnxruntime`. */
const KERNEL = 'AdamUpdate'

interface Slot {
  first: State
  second: State
  gradient: tf.Tensor
  decay: tf.Tensor | undefined
}

/**
 * The directions of Adam by the kernel of an engine, which computes `value + minusLearningRate · m̂ / (√v̂ + epsilon)`: with a rate
 * of -1 and the decay as value that is the direction with its decay. `undefined` on engines without it.
 */
export function fusedAdam(
  slots: readonly Slot[],
  { firstWeight, secondWeight }: { firstWeight: tf.Tensor; secondWeight: tf.Tensor },
  attrs: { beta1: number; beta2: number; epsilon: number },
): tf.Tensor[] | undefined {
  const isFloat = slots.every(({ gradient: { dtype, size } }) => dtype === 'float32' && size > 0)
  if (slots.length === 0 || !isFloat || !tf.getKernel(KERNEL, tf.getBackend())) return undefined
  const inputs = [
    ...[firstWeight, secondWeight, tf.scalar(1)],
    ...slots.flatMap(({ first, second, gradient, decay }) => [
      decay ?? tf.zerosLike(gradient),
      first.value,
      second.value,
      gradient,
    ]),
  ]
  const results = tf.engine().runKernel(KERNEL, inputs as unknown as tf.NamedTensorMap, attrs) as tf.Tensor[]
  return slots.map(({ first, second }, index) => {
    const [direction, mean, square] = results.slice(3 * index)
    first.keep(mean!)
    second.keep(square!)
    return direction!
  })
}
