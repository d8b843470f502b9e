import type { LayersModel } from '@tensorflow/tfjs-layers'
import { unwatched } from '../step/step-watches.js'
import { isReplaced, type Layer } from './known-parts.js'

/** What changes in each step by itself, or is noticed elsewhere. */
const changing = new Set(['iterations_', 'learningRate', 'c'])

/**
 * All fields of what a model consists of that a step may depend on besides tensors. As long as they are the same, a step is
 * the same: `layer.rate = 0.3` or another regularizer makes it another one.
 */
export function stateOf(model: LayersModel, layers: readonly Layer[]): unknown[] {
  const state: unknown[] = [model.loss, ...(model.lossFunctions ?? []).map(unwatched)]
  const { metricsTensors, optimizer } = model
  state.push((model as unknown as { collectedTrainableWeights: unknown }).collectedTrainableWeights)
  for (const metric of metricsTensors ?? []) state.push(...metric)
  if (optimizer) addFields(state, optimizer)
  for (const layer of layers) addFields(state, layer)
  return state
}

export const sameState = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((field, i) => Object.is(field, b[i]))

function addFields(state: unknown[], part: object): void {
  state.push(part)
  const fields = part as Record<string, unknown>
  for (const name in fields) {
    if (changing.has(name) || !Object.hasOwn(fields, name)) continue
    const value = fields[name]
    if (typeof value === 'function' && !isReplaced(part, name)) continue
    state.push(value)
    if (isPlain(value)) state.push(...Object.values(value))
  }
}

/** Regularizers, constraints, activations: objects with a few numbers. */
const isPlain = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  'getClassName' in value &&
  !('call' in value)
