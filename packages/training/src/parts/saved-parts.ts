import {
  loadModelTensors,
  loadOptimizerTensors,
  type ModelWeights,
  modelTensors,
  optimizerTensors,
} from '@dlkit/optimizers'
import { dropoutCalls, setDropoutCalls } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { joinGroups, takeGroup } from '../tensor-groups.js'
import { knownPart, type Part, type Parts, type Tensors } from './part.js'

/** What the parts of a training hold at one moment. */
export interface SavedParts {
  tensors: Tensors
  /** Plain JSON by part; null for parts that have tensors only. */
  state: Readonly<Record<string, unknown>>
}

/**
 * Reads parts for a checkpoint. The tensors are the parts' own, except snapshots of optimizers, which `run` may use
 * until its promise is settled.
 */
export async function withSavedParts<Result>(
  parts: Parts,
  run: (saved: SavedParts) => Promise<Result>,
): Promise<Result> {
  const groups: Record<string, Tensors> = {}
  const state: Record<string, unknown> = {}
  const snapshots: Tensors[] = []
  try {
    for (const [name, part] of Object.entries(parts)) {
      const { tensors, json, owned } = read(name, part)
      if (owned) snapshots.push(tensors)
      groups[name] = tensors
      state[name] = json ?? null
    }
    return await run({ tensors: joinGroups(groups), state })
  } finally {
    tf.dispose(snapshots)
  }
}

/**
 * Puts back what {@link withSavedParts} has read. `saved` stays the caller's.
 *
 * @throws {RangeError} when a part is not among them, or one of them is no part any more, or a part refuses its own;
 * then all parts are as they were.
 */
export function restoreParts(parts: Parts, saved: SavedParts): void {
  const expected = Object.keys(parts)
  const found = Object.keys(saved.state)
  const odd = [
    ...expected.filter((name) => !found.includes(name)),
    ...found.filter((name) => !(name in parts)),
  ]
  if (odd.length > 0) {
    throw new RangeError(
      `parts: expected the parts that were saved (${found.join(', ') || 'none'}), got ${expected.join(', ') || 'none'} ` +
        `(differing: ${odd.join(', ')}). Give all parts the names that they were saved with.`,
    )
  }
  const before = snapshotParts(parts)
  try {
    writeAll(parts, saved)
  } catch (error) {
    before.restore()
    throw error
  } finally {
    before.dispose()
  }
}

/** A copy of what parts hold, in memory. `restore` may be called any number of times before `dispose`. */
export function snapshotParts(parts: Parts): { restore(): void; dispose(): void } {
  const groups: Record<string, Tensors> = {}
  const state: Record<string, unknown> = {}
  for (const [name, part] of Object.entries(parts)) {
    const { tensors, json, owned } = read(name, part)
    const copies = Object.entries(tensors).map(([key, tensor]) => [key, tf.keep(tensor.clone())] as const)
    if (owned) tf.dispose(tensors)
    groups[name] = Object.fromEntries(copies)
    state[name] = structuredClone(json ?? null)
  }
  const saved = { tensors: joinGroups(groups), state }
  return {
    restore: () => writeAll(parts, { ...saved, state: structuredClone(saved.state) }),
    dispose: () => tf.dispose(saved.tensors),
  }
}

function read(name: string, candidate: Part): { tensors: Tensors; json?: unknown; owned?: boolean } {
  const { kind, part } = knownPart(name, candidate)
  switch (kind) {
    case 'optimizer':
      return { tensors: optimizerTensors(part), owned: true }
    case 'model':
      return { tensors: modelTensors(part), ...(hasLayers(part) && { json: { calls: dropoutCalls(part) } }) }
    case 'variables':
      return { tensors: part }
    case 'tensors':
      return { tensors: part.tensors(), json: part.state?.() }
    case 'state':
      return { tensors: {}, json: part.state() }
  }
}

function writeAll(parts: Parts, { tensors, state }: SavedParts): void {
  for (const [name, part] of Object.entries(parts)) {
    try {
      write(name, part, takeGroup(tensors, name), state[name])
    } catch (error) {
      throw new RangeError(
        `parts: "${name}" does not take back what was saved: ${(error as Error).message}`,
        {
          cause: error,
        },
      )
    }
  }
}

function write(name: string, candidate: Part, tensors: Tensors, json: unknown): void {
  const { kind, part } = knownPart(name, candidate)
  switch (kind) {
    case 'optimizer':
      loadOptimizerTensors(part, tensors)
      break
    case 'model':
      loadModelTensors(part, tensors)
      if (hasLayers(part)) setDropoutCalls(part, (json as { calls?: Record<string, number> })?.calls ?? {})
      break
    case 'variables':
      assignVariables(part, tensors)
      break
    case 'tensors':
      part.load(tensors, json)
      break
    case 'state':
      if ('restore' in part) part.restore(json)
      else part.load(json)
  }
}

function assignVariables(variables: Readonly<Record<string, tf.Variable>>, tensors: Tensors): void {
  for (const [name, variable] of Object.entries(variables)) {
    const tensor = tensors[name]
    if (tensor?.dtype !== variable.dtype || tensor.shape.join() !== variable.shape.join()) {
      throw new RangeError(
        `expected ${variable.dtype} [${variable.shape}] for "${name}", got ${tensor ? `${tensor.dtype} [${tensor.shape}]` : 'nothing'}.`,
      )
    }
  }
  for (const [name, variable] of Object.entries(variables)) variable.assign(tensors[name]!)
}

function hasLayers(model: ModelWeights): model is LayersModel {
  return 'layers' in model
}
