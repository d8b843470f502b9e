import {
  AdadeltaOptimizer,
  AdagradOptimizer,
  AdamaxOptimizer,
  AdamOptimizer,
  losses,
  MomentumOptimizer,
  RMSPropOptimizer,
  SGDOptimizer,
  serialization,
} from '@tensorflow/tfjs-core'
import { type LayersModel, layers, metrics } from '@tensorflow/tfjs-layers'
import { unwatched } from '../step/step-watches.js'

export type Layer = layers.Layer
type Constructor = new (...args: never[]) => unknown

/** Which steps of `fit`, `trainOnBatch`, `evaluate` and `predict` are replayed. */
export type ReplayModels = 'known' | 'all' | 'none'

/** Classes of TensorFlow.js itself: those that are registered before a program can register its own. */
const ownClasses = new Set<Constructor>(
  Object.values(serialization.SerializationMap.getMap().classNameMap).map(
    ([type]) => type as unknown as Constructor,
  ),
)
const ownFunctions = new Set<unknown>([...Object.values(losses), ...Object.values(metrics)])

/**
 * Whether all that a model does in a step is known to depend on its tensors and fields only. Layers, losses and metrics
 * of a program may count, print, or read what they like.
 */
export function isKnown(model: LayersModel): boolean {
  return layersOf(model).every(isKnownLayer)
}

/** The same of how it was compiled. */
export function isKnownTraining(model: LayersModel): boolean {
  const { optimizer, loss, metrics } = model
  return isKnownOptimizer(optimizer) && namesOnly(loss) && namesOnly(metrics)
}

/** The layers of a model, those of models within it and those that layers wrap included. */
export function layersOf(model: LayersModel): Layer[] {
  const found = new Set<Layer>()
  const add = (part: unknown) => {
    if (!(part instanceof layers.Layer) || found.has(part)) return
    found.add(part)
    // Layers know their neighbours by nodes, not by fields; what they hold are parts.
    for (const value of Object.values(part)) for (const inner of [value].flat()) add(inner)
  }
  for (const layer of model.layers) add(layer)
  return [...found]
}

/** What computes within a layer: activations, regularizers and constraints; initializers have done their work. */
const computing = /activation$|constraint$|regularizer$/i

function isKnownLayer(layer: Layer): boolean {
  const { _callHook } = layer as unknown as { _callHook: unknown }
  if (isReplaced(layer, 'call') || _callHook != null) return false
  if (isOurs(layer) || saysSo(layer.constructor)) return true
  const parts = Object.entries(layer).filter(([name, part]) => computing.test(name) && part != null)
  const regularizers = parts.filter(([name]) => /regularizer$/i.test(name)).length
  const { _losses: losses } = layer as unknown as { _losses: unknown[] }
  // More losses than regularizers are some that a program has added.
  return isOwn(layer) && losses.length <= regularizers && parts.every(([, part]) => isKnownPart(part))
}

/** Whether a program has put a function of its own in the place of a method. */
export function isReplaced(part: object, method: string): boolean {
  const { [method]: inherited } = Object.getPrototypeOf(part)
  return Object.hasOwn(part, method) && unwatched((part as Record<string, unknown>)[method]) !== inherited
}

const isOwn = (part: object): boolean => ownClasses.has(part.constructor as Constructor)

const isOurs = (part: object): boolean =>
  'getClassName' in part && (part as Layer).getClassName().startsWith('Dlkit')

const isKnownPart = (part: unknown): boolean =>
  typeof part !== 'object' || part === null || isOwn(part) || isOurs(part) || saysSo(part.constructor)

const ownOptimizers = new Set<unknown>([
  AdadeltaOptimizer,
  AdagradOptimizer,
  AdamOptimizer,
  AdamaxOptimizer,
  MomentumOptimizer,
  RMSPropOptimizer,
  SGDOptimizer,
])

const methods = ['minimize', 'computeGradients', 'applyGradients'] as const

const isKnownOptimizer = (optimizer: object): boolean =>
  (ownOptimizers.has(optimizer.constructor) || saysSo(optimizer.constructor)) &&
  !methods.some((method) => isReplaced(optimizer, method))

/** `static replayable = true` of a class, `replayable = true` of a function; what inherits from it has to say so itself. */
const saysSo = (part: object): boolean =>
  Object.hasOwn(part, 'replayable') && (part as { replayable: unknown }).replayable === true

/** Losses or metrics by their names, or functions of TensorFlow.js. */
function namesOnly(parts: unknown): boolean {
  if (parts === undefined || parts === null || typeof parts === 'string' || ownFunctions.has(parts))
    return true
  if (typeof parts === 'function') return saysSo(parts)
  return Object.values(parts as object).every(namesOnly)
}
