import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'
import type { Builder } from '../graph/builder.js'
import { type Lazy, sizeOf } from '../graph/types.js'
import { hasProcessorOperators } from './compiled-convolution.js'
import { concat, split } from './joining.js'

export interface AdamAttrs {
  beta1: number
  beta2: number
  epsilon: number
  /** Of each variable, the share of it that goes per step, times its rate. Default: none. */
  decays?: readonly number[]
  /** Of each variable, the factor of its rate. Default: 1. */
  factors?: readonly number[]
}

/** Scalars of one step. */
export interface AdamScalars<T> {
  oneMinusAccBeta1: T
  oneMinusAccBeta2: T
  minusLearningRate: T
  /** What all gradients are multiplied by. Default: 1. */
  gradientFactor?: T
}

/** A variable, its moments and its gradient, or what they become. */
export interface AdamState<T> {
  value: T
  firstMoment: T
  secondMoment: T
}

type Slot<T> = AdamState<T> & { gradient: T }
type LazySlot = Slot<Lazy> & { decay: number; factor: number }

/** Variables of fewer elements are updated together: for one alone, starting the operators takes longest. */
const few = { separate: 4096, compiled: 65_536 }

/** The step of Adam for all variables, in the operations and the order of TensorFlow.js' own. */
export function adamUpdate(
  backend: OnnxRuntimeBackend,
  tensors: readonly Slot<TensorInfo>[],
  scalars: AdamScalars<TensorInfo>,
  attrs: AdamAttrs,
): AdamState<TensorInfo>[] {
  const b = backend.builder
  const scalar = mapValues(scalars, (x) => backend.input(x!)) as AdamScalars<Lazy>
  const slots = tensors.map((slot, i) => ({
    ...mapValues(slot, (x) => backend.input(x)),
    decay: attrs.decays?.[i] ?? 0,
    factor: attrs.factors?.[i] ?? 1,
  }))
  const results = new Map<LazySlot, AdamState<Lazy>>()
  for (const group of groups(b, slots)) {
    const states = hasProcessorOperators(b)
      ? compiled(b, group, scalar, attrs)
      : together(b, group, scalar, attrs)
    for (const [i, state] of states.entries()) results.set(group[i]!, state)
  }
  return slots.map((slot) => mapValues(results.get(slot)!, (x) => backend.output(x, 'float32')))
}

/** Variables that are updated together. */
function groups(b: Builder, slots: readonly LazySlot[]): LazySlot[][] {
  // A GPU joins tensors of different sizes by tables that it gets from the processor each time.
  if (b.target === 'cuda') return slots.map((slot) => [slot])
  const alike = new Map<unknown, LazySlot[]>()
  for (const slot of slots) {
    const isSmall = sizeOf(slot.value.shape) < (hasProcessorOperators(b) ? few.compiled : few.separate)
    const kind = !isSmall ? slot : hasProcessorOperators(b) ? 'small' : `${slot.decay} ${slot.factor}`
    const group = alike.get(kind)
    if (group) group.push(slot)
    else alike.set(kind, [slot])
  }
  return [...alike.values()]
}

/** By the operator of `@dlkit/native`, which reads and writes each element once. */
function compiled(
  b: Builder,
  slots: readonly LazySlot[],
  scalars: AdamScalars<Lazy>,
  { beta1, beta2, epsilon }: AdamAttrs,
): AdamState<Lazy>[] {
  const { oneMinusAccBeta1, oneMinusAccBeta2, minusLearningRate, gradientFactor } = scalars
  const numbers = [oneMinusAccBeta1, oneMinusAccBeta2, minusLearningRate, gradientFactor ?? b.scalar(1)]
  const tensors = slots.flatMap((slot) => [slot.value, slot.firstMoment, slot.secondMoment, slot.gradient])
  const inputs = [...numbers, ...tensors].map((x) => b.plain(x))
  const attributes = {
    beta1: { float: beta1 },
    one_minus_beta1: { float: 1 - beta1 },
    beta2: { float: beta2 },
    one_minus_beta2: { float: 1 - beta2 },
    epsilon: { float: epsilon },
    decays: { floats: slots.map(({ decay }) => decay) },
    factors: { floats: slots.map(({ factor }) => factor) },
  }
  const outputs = slots.flatMap(({ value: { shape } }) => {
    const like = { type: 'float32', shape } as const
    return [like, like, like]
  })
  const made = b.trace.node('dlkit.Adam', inputs, attributes, outputs).map((value) => b.lazily(value))
  return slots.map((_, i) => ({
    value: made[3 * i]!,
    firstMoment: made[3 * i + 1]!,
    secondMoment: made[3 * i + 2]!,
  }))
}

/** Variables of one decay and one rate as one. */
function together(
  b: Builder,
  slots: readonly LazySlot[],
  scalars: AdamScalars<Lazy>,
  attrs: AdamAttrs,
): AdamState<Lazy>[] {
  const [first] = slots as [LazySlot]
  if (slots.length === 1) return [updated(b, first, scalars, attrs)]
  const state = updated(b, { ...first, ...join(b, slots) }, scalars, attrs)
  return parts(b, state, slots)
}

function updated(
  b: Builder,
  { value, firstMoment, secondMoment, gradient, decay, factor }: LazySlot,
  { oneMinusAccBeta1, oneMinusAccBeta2, minusLearningRate, gradientFactor }: AdamScalars<Lazy>,
  { beta1, beta2, epsilon }: AdamAttrs,
): AdamState<Lazy> {
  const float = (op: string, ...inputs: Lazy[]) => b.elementwise(op, inputs, 'float32')
  const average = (old: Lazy, beta: number, next: Lazy) =>
    float('Add', float('Mul', old, b.scalar(beta)), float('Mul', next, b.scalar(1 - beta)))
  const scaled = gradientFactor ? float('Mul', gradient, gradientFactor) : gradient
  const first = average(firstMoment, beta1, scaled)
  const second = average(secondMoment, beta2, float('Mul', scaled, scaled))
  const spread = float('Sqrt', float('Div', second, oneMinusAccBeta2))
  const step = float('Div', float('Div', first, oneMinusAccBeta1), float('Add', spread, b.scalar(epsilon)))
  const decayed = decay === 0 ? step : float('Add', step, float('Mul', value, b.scalar(decay)))
  const minusRate = factor === 1 ? minusLearningRate : float('Mul', minusLearningRate, b.scalar(factor))
  return {
    value: float('Add', float('Mul', decayed, minusRate), value),
    firstMoment: first,
    secondMoment: second,
  }
}

const tensorNames = ['value', 'firstMoment', 'secondMoment', 'gradient'] as const

function join(b: Builder, slots: readonly Slot<Lazy>[]): Slot<Lazy> {
  const joined = tensorNames.map((name) => {
    const flat = slots.map((slot) => b.reshape(slot[name], [sizeOf(slot[name].shape)]))
    return [name, concat(b, flat, 0)] as const
  })
  return Object.fromEntries(joined) as unknown as Slot<Lazy>
}

function parts(b: Builder, state: AdamState<Lazy>, slots: readonly Slot<Lazy>[]): AdamState<Lazy>[] {
  const sizes = slots.map(({ value }) => sizeOf(value.shape))
  const split1d = mapValues(state, (x) => split(b, x, sizes, 0))
  return slots.map(({ value: { shape } }, i) => mapValues(split1d, (x) => b.reshape(x[i]!, shape)))
}

function mapValues<From extends object, To>(
  from: From,
  change: (value: From[keyof From], name: keyof From) => To,
): Record<keyof From, To> {
  const to = {} as Record<keyof From, To>
  for (const name of Object.keys(from) as (keyof From)[]) to[name] = change(from[name], name)
  return to
}
