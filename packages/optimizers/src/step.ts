import * as tf from '@tensorflow/tfjs-core'
import type { ChainState } from './chain-state.js'
import type { LearningRate } from './learning-rate.js'

/** What one weight is going to change by: `variable -= rate · factor · direction`. */
export interface Update {
  readonly variable: tf.Variable
  /** The gradient at the beginning of a chain, `variable.shape`; each transform replaces it. */
  readonly direction: tf.Tensor
  /** Factor of the learning rate for this weight. */
  readonly factor: number
}

/** One step of a chain on its way from transform to transform. */
export interface Step {
  readonly updates: readonly Update[]
  /** Steps that came so far when this call began, for schedules; known without reading tensors. */
  readonly before: () => number
  /** The same when it has ended: one more, unless a transform waits for more calls. */
  readonly after: () => number
  /** What all directions are still to be multiplied by; `undefined` is 1. Only transforms that take it see one. */
  readonly scale: tf.Tensor | undefined
  /** A boolean scalar; where it is false, neither weights nor states change. `undefined` is true. */
  readonly made: tf.Tensor | undefined
  /** A scalar whose number is another one in each step. */
  readonly number: (next: () => number) => tf.Scalar
  readonly states: ChainState
  /** The element of the chain to which states belong. */
  readonly element: string
}

/**
 * A link of a chain. It has no state of its own, so one may be used in several chains: what it remembers from step to
 * step it asks for by {@link stateOf}. `update` runs within `tf.tidy` and must not read tensors.
 */
export interface Transform {
  readonly name: string
  /** Of the one transform that makes a direction to go of gradients: `sgd`, `adam` … */
  readonly learningRate?: LearningRate
  update(step: Step): Step
  /** Whether `step.scale` may be there; before others see directions, they are multiplied by it. Default: false. */
  readonly takesScale?: boolean
  /**
   * Instead of `update`, where it is the last of a chain: gives the weights their new values, all at once.
   *
   * @returns false, and has done nothing, where the engine cannot do it.
   */
  assign?(step: Step, minusRate: () => tf.Scalar): boolean
  /** Of so many steps before it, how many reach what follows. Default: all. */
  passes?(steps: number): number
}

/** A value that a transform remembers. */
export interface State {
  readonly value: tf.Tensor
  /** Gives back `next`, and keeps it for the next step if this one is made. */
  keep(next: tf.Tensor): tf.Tensor
}

/**
 * What an element of a chain remembers from step to step, such as a moment of the gradient: float32, of the given shape.
 *
 * @param weight that the state belongs to; without it, it belongs to all.
 * @param fill its value before the first step.
 */
export function stateOf(
  { states, element, made }: Step,
  slot: string,
  shape: number[],
  { weight, fill = 0 }: { weight?: tf.Variable; fill?: number } = {},
): State {
  const variable = states.variable(`${element}/${slot}`, shape, fill, weight?.name)
  return {
    value: variable,
    keep(next) {
      variable.assign(chosen(made, next, variable))
      return next
    },
  }
}

/** `next` in a step that is made, else `old`. */
export function chosen(made: tf.Tensor | undefined, next: tf.Tensor, old: tf.Tensor): tf.Tensor {
  return made === undefined ? next : tf.where(made, next, old)
}

/** The step with directions that are multiplied already. */
export function scaled(step: Step): Step {
  const { scale } = step
  if (scale === undefined) return step
  return mapDirections({ ...step, scale: undefined }, ({ direction }) => tf.mul(direction, scale))
}

/** The step with another direction for each weight. */
export function mapDirections(step: Step, change: (update: Update, index: number) => tf.Tensor): Step {
  const updates = step.updates.map((update, index) => ({ ...update, direction: change(update, index) }))
  return { ...step, updates }
}
