import type * as tf from '@tensorflow/tfjs-core'
import { wrapMethod } from './wrap-method.js'

/** Gradients as tfjs hands them out: `tf.variableGrads(…).grads`, or what `applyGradients` receives. */
export type Gradients =
  | Readonly<Record<string, tf.Tensor | null | undefined>>
  | readonly { name: string; tensor?: tf.Tensor | null | undefined }[]

export type NamedGradient = [name: string, gradient: tf.Tensor | null | undefined]

export function gradientEntries(gradients: Gradients): NamedGradient[] {
  return Array.isArray(gradients)
    ? gradients.map(({ name, tensor }): NamedGradient => [name, tensor])
    : Object.entries(gradients)
}

export interface OptimizerHooks {
  /** The loss that `minimize` has computed; still the optimizer's. */
  onLoss(loss: tf.Scalar): void
  beforeUpdate(gradients: NamedGradient[]): void
  afterUpdate(): void
}

/** Watches `minimize`, `applyGradients` and `model.fit` alike; what the optimizer does stays the same bit for bit. */
export function hookOptimizer(optimizer: tf.Optimizer, hooks: OptimizerHooks): () => void {
  const releaseLoss = wrapMethod(
    optimizer,
    'computeGradients',
    (original, active) =>
      function computeGradients(...args) {
        const result = original.apply(optimizer, args)
        if (active()) hooks.onLoss(result.value)
        return result
      },
  )
  const releaseUpdate = wrapMethod(
    optimizer,
    'applyGradients',
    (original, active) =>
      function applyGradients(gradients) {
        if (active()) hooks.beforeUpdate(gradientEntries(gradients as Gradients))
        original.call(optimizer, gradients)
        if (active()) hooks.afterUpdate()
      },
  )
  return () => {
    releaseUpdate()
    releaseLoss()
  }
}

interface LearningRate {
  learningRate?: unknown
}

/** All optimizers of tfjs keep their rate in this field; its type is hidden. NaN for others. */
export function learningRateOf(optimizer: tf.Optimizer): number {
  const { learningRate } = optimizer as unknown as LearningRate
  return typeof learningRate === 'number' ? learningRate : Number.NaN
}

/** `setLearningRate` exists on sgd and momentum only; they keep a tensor of the rate besides the field. */
export function setLearningRate(optimizer: tf.Optimizer, rate: number): void {
  const target = optimizer as unknown as LearningRate & { setLearningRate?(rate: number): void }
  if (target.setLearningRate) target.setLearningRate(rate)
  else target.learningRate = rate
}
