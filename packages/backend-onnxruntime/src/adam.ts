import {
  AdamOptimizer,
  engine,
  mul,
  type NamedTensorMap,
  scalar,
  sub,
  type Tensor,
  tidy,
  type Variable,
  variable,
  zeros,
} from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from './backend.js'
import type { AdamAttrs, AdamScalars, AdamState } from './kernels/adam-update.js'
import type { ownKernels } from './kernels/own-kernels.js'
import type { TensorEntry } from './tensor-entry.js'

const scalars = ['oneMinusAccBeta1', 'oneMinusAccBeta2', 'minusLearningRate'] as const
const state = ['value', 'firstMoment', 'secondMoment'] as const
const slot = [...state, 'gradient'] as const
const kernelName: keyof typeof ownKernels = 'AdamUpdate'

interface Moment {
  originalName: string
  variable: Variable
}

/** What TensorFlow.js keeps private in an optimizer. */
interface Adam extends AdamAttrs {
  learningRate: number
  accBeta1: Variable
  accBeta2: Variable
  accumulatedFirstMoment: Moment[]
  accumulatedSecondMoment: Moment[]
  incrementIterations(): void
}

type Gradients = Parameters<AdamOptimizer['applyGradients']>[0]
type Update = AdamState<Variable> & { gradient: Tensor }

/**
 * Lets `tf.train.adam` update all variables by one kernel on this backend: a quarter of all the kernels that a step
 * calls are its arithmetic, one variable at a time. The numbers are the same.
 */
export function registerAdam(backendName: string): void {
  const { applyGradients } = AdamOptimizer.prototype
  AdamOptimizer.prototype.applyGradients = function (gradients: Gradients) {
    const adam = this as unknown as Adam
    const updates = engine().backendName === backendName ? updatesOf(adam, gradients) : undefined
    if (updates === undefined) return applyGradients.call(this, gradients)
    tidy(() => apply(adam, updates))
    adam.incrementIterations()
  }
}

/** The variables to update; `undefined` where TensorFlow.js has to do it. */
function updatesOf(adam: Adam, gradients: Gradients): Update[] | undefined {
  const named = Array.isArray(gradients)
    ? gradients.map(({ name, tensor }) => [name, tensor] as const)
    : Object.entries(gradients as NamedTensorMap)
  const updates: Update[] = []
  for (const [i, [name, gradient]] of named.entries()) {
    const value = engine().registeredVariables[name]
    if (value === undefined || value.dtype !== 'float32') return undefined
    const firstMoment = momentOf(adam.accumulatedFirstMoment, i, `${name}/m`, value)
    const secondMoment = momentOf(adam.accumulatedSecondMoment, i, `${name}/v`, value)
    if (gradient === null || gradient === undefined) continue
    const tensors = [value, firstMoment, secondMoment, gradient]
    if (tensors.some(({ dtype, size }) => dtype !== 'float32' || size !== value.size || size === 0))
      return undefined
    updates.push({ value, firstMoment, secondMoment, gradient })
  }
  return updates.length > 0 ? updates : undefined
}

/** In the first step it is made, of zeros that are stored: recorded ones would make that step a graph of its own. */
function momentOf(moments: Moment[], i: number, originalName: string, { shape }: Variable): Variable {
  moments[i] ??= { originalName, variable: tidy(() => variable(zeros(shape), false)) }
  return moments[i].variable
}

function apply(adam: Adam, updates: readonly Update[]): void {
  const { beta1, beta2, epsilon, accBeta1, accBeta2 } = adam
  const step: AdamScalars<Tensor> = {
    oneMinusAccBeta1: sub(1, accBeta1),
    oneMinusAccBeta2: sub(1, accBeta2),
    minusLearningRate: scalar(-adam.learningRate),
  }
  const { recording } = engine().backend as OnnxRuntimeBackend
  const rate = () => Float32Array.of(-adam.learningRate)
  recording?.follow(step.minusLearningRate.dataId as TensorEntry, rate, adam)
  const inputs = [
    ...scalars.map((name) => step[name]),
    ...updates.flatMap((update) => slot.map((name) => update[name])),
  ]
  const attrs = { beta1, beta2, epsilon }
  const results = engine().runKernel(kernelName, inputs as unknown as NamedTensorMap, attrs) as Tensor[]
  for (const [i, update] of updates.entries()) {
    for (const [j, name] of state.entries()) update[name].assign(results[i * state.length + j]!)
  }
  accBeta1.assign(mul(accBeta1, beta1))
  accBeta2.assign(mul(accBeta2, beta2))
}
