import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'
import type { Builder } from '../graph/builder.js'
import { type Lazy, sizeOf } from '../graph/types.js'
import { concat, split } from './joining.js'

export interface AdamAttrs {
  beta1: number
  beta2: number
  epsilon: number
}

/** Scalars of one step. */
export interface AdamScalars<T> {
  oneMinusAccBeta1: T
  oneMinusAccBeta2: T
  minusLearningRate: T
}

/** A variable, its moments and its gradient, or what they become. */
export interface AdamState<T> {
  value: T
  firstMoment: T
  secondMoment: T
}

type Slot<T> = AdamState<T> & { gradient: T }

/** Variables of fewer elements are updated together: for one alone, starting the operators takes longest. */
const few = 4096

/** The step of Adam for all variables, in the operations and the order of TensorFlow.js' own. */
export function adamUpdate(
  backend: OnnxRuntimeBackend,
  tensors: readonly Slot<TensorInfo>[],
  scalars: AdamScalars<TensorInfo>,
  attrs: AdamAttrs,
): AdamState<TensorInfo>[] {
  const b = backend.builder
  const scalar = mapValues(scalars, (x) => backend.input(x))
  const slots = tensors.map((slot) => mapValues(slot, (x) => backend.input(x)))
  if (b.hasOperators) {
    return slots.map((slot) =>
      mapValues(compiled(b, slot, scalar, attrs), (x) => backend.output(x, 'float32')),
    )
  }
  // A GPU joins tensors of different sizes by tables that it gets from the processor each time.
  const small = b.target === 'cuda' ? [] : slots.filter(({ value }) => sizeOf(value.shape) < few)
  const joined = small.length > 1 ? parts(b, updated(b, join(b, small), scalar, attrs), small) : []
  return slots.map((slot) => {
    const together = joined[small.indexOf(slot)]
    return mapValues(together ?? updated(b, slot, scalar, attrs), (x) => backend.output(x, 'float32'))
  })
}

/** By the operator of `@dlkit/native`, which reads and writes each element once. */
function compiled(
  b: Builder,
  slot: Slot<Lazy>,
  scalars: AdamScalars<Lazy>,
  { beta1, beta2, epsilon }: AdamAttrs,
): AdamState<Lazy> {
  const { value, firstMoment, secondMoment, gradient } = slot
  const numbers = [scalars.oneMinusAccBeta1, scalars.oneMinusAccBeta2, scalars.minusLearningRate]
  const inputs = [...numbers, value, firstMoment, secondMoment, gradient].map((x) => b.plain(x))
  const attributes = {
    beta1: { float: beta1 },
    one_minus_beta1: { float: 1 - beta1 },
    beta2: { float: beta2 },
    one_minus_beta2: { float: 1 - beta2 },
    epsilon: { float: epsilon },
  }
  const { shape } = value
  const like = { type: 'float32', shape } as const
  const [next, first, second] = b.trace.node('dlkit.Adam', inputs, attributes, [like, like, like])
  return { value: b.lazily(next!), firstMoment: b.lazily(first!), secondMoment: b.lazily(second!) }
}

function updated(
  b: Builder,
  { value, firstMoment, secondMoment, gradient }: Slot<Lazy>,
  { oneMinusAccBeta1, oneMinusAccBeta2, minusLearningRate }: AdamScalars<Lazy>,
  { beta1, beta2, epsilon }: AdamAttrs,
): AdamState<Lazy> {
  const float = (op: string, ...inputs: Lazy[]) => b.elementwise(op, inputs, 'float32')
  const average = (old: Lazy, beta: number, next: Lazy) =>
    float('Add', float('Mul', old, b.scalar(beta)), float('Mul', next, b.scalar(1 - beta)))
  const first = average(firstMoment, beta1, gradient)
  const second = average(secondMoment, beta2, float('Mul', gradient, gradient))
  const spread = float('Sqrt', float('Div', second, oneMinusAccBeta2))
  const step = float('Div', float('Div', first, oneMinusAccBeta1), float('Add', spread, b.scalar(epsilon)))
  return {
    value: float('Add', float('Mul', step, minusLearningRate), value),
    firstMoment: first,
    secondMoment: second,
  }
}

function join(b: Builder, slots: readonly Slot<Lazy>[]): Slot<Lazy> {
  return mapValues(slots[0]!, (_, name) =>
    concat(
      b,
      slots.map((slot) => b.reshape(slot[name], [sizeOf(slot[name].shape)])),
      0,
    ),
  )
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
