/**
 * The only file that touches private fields of the optimizers of TensorFlow.js (checked with 4.22).
 *
 * Their own `getWeights`/`setWeights` do not continue a run exactly: Adam computes beta^t anew with `pow`, which rounds
 * differently from the product it keeps while training, and Adamax has neither method.
 */
import * as tf from '@tensorflow/tfjs-core'

/** Where each class keeps its state. Moments: one variable per trained variable. Scalars: one variable each. */
const LAYOUTS: Readonly<Record<string, { moments: readonly string[]; scalars: readonly string[] }>> = {
  SGD: { moments: [], scalars: [] },
  Momentum: { moments: ['accumulations'], scalars: [] },
  Adagrad: { moments: ['accumulatedGrads'], scalars: [] },
  Adadelta: { moments: ['accumulatedGrads', 'accumulatedUpdates'], scalars: [] },
  RMSProp: { moments: ['accumulatedMeanSquares', 'accumulatedMoments', 'accumulatedMeanGrads'], scalars: [] },
  Adam: {
    moments: ['accumulatedFirstMoment', 'accumulatedSecondMoment'],
    scalars: ['accBeta1', 'accBeta2'],
  },
  Adamax: {
    moments: ['accumulatedFirstMoment', 'accumulatedWeightedInfNorm'],
    scalars: ['accBeta1', 'iteration'],
  },
}

const ITERATIONS = 'iterations'

interface Moment {
  originalName: string
  variable: tf.Variable
}

/** What a chain offers; it is told by its class, as `instanceof` is true for all optimizers. */
interface ChainTensors {
  tensors(): Record<string, tf.Tensor>
  load(tensors: Readonly<Record<string, tf.Tensor>>): void
}

/** The private side of an optimizer. */
interface Internals {
  iterations_?: number
  [field: string]: unknown
}

/**
 * The complete state of an optimizer of TensorFlow.js, for a checkpoint: sgd, momentum, adagrad, adadelta, rmsprop
 * (centered too), adam, adamax; and of a chain. With {@link loadOptimizerTensors}, training continues bit for bit.
 *
 * The tensors are snapshots, unchanged by later steps, and belong to the caller: `tf.dispose(tensors)`. Works before
 * the first step as well. The learning rate and the other settings are not part of it: make the optimizer with the same
 * ones. Names: `accumulatedFirstMoment/0/<variable>/m`, where 0 is the position of the variable in the gradients.
 *
 * Throws a `TypeError` for an optimizer of another class.
 */
export function optimizerTensors(optimizer: tf.Optimizer): Record<string, tf.Tensor> {
  const chain = chainOf(optimizer)
  if (chain !== undefined) return chain.tensors()
  const { moments, scalars } = layoutOf(optimizer, 'optimizerTensors')
  const internals = optimizer as unknown as Internals
  const tensors: Record<string, tf.Tensor> = { [ITERATIONS]: tf.scalar(optimizer.iterations, 'int32') }
  for (const field of scalars) tensors[field] = tf.clone(internals[field] as tf.Variable)
  for (const field of moments) {
    for (const [index, { originalName, variable }] of momentsOf(internals, field).entries()) {
      tensors[`${field}/${index}/${originalName}`] = tf.clone(variable)
    }
  }
  return tensors
}

/**
 * Gives an optimizer the state that {@link optimizerTensors} returned for one of the same class and settings. The
 * trained variables must come in the same order. What the optimizer held before is disposed; `tensors` stay with the
 * caller.
 *
 * Throws a `RangeError`, and changes nothing, when the tensors are not those of such an optimizer.
 */
export function loadOptimizerTensors(
  optimizer: tf.Optimizer,
  tensors: Readonly<Record<string, tf.Tensor>>,
): void {
  const chain = chainOf(optimizer)
  if (chain !== undefined) {
    chain.load(tensors)
    return
  }
  const { moments, scalars } = layoutOf(optimizer, 'loadOptimizerTensors')
  const internals = optimizer as unknown as Internals
  const found = findMoments(optimizer, tensors, moments)
  for (const name of [ITERATIONS, ...scalars]) {
    const dtype = name === ITERATIONS ? 'int32' : 'float32'
    if (tensors[name]?.rank !== 0 || tensors[name].dtype !== dtype) {
      fail(optimizer, `a scalar "${name}" of type ${dtype}`, Object.keys(tensors))
    }
  }

  internals.iterations_ = (tensors[ITERATIONS] as tf.Scalar).dataSync()[0] as number
  for (const field of scalars) (internals[field] as tf.Variable).assign(tensors[field] as tf.Tensor)
  for (const field of moments) {
    tf.dispose(momentsOf(internals, field).map(({ variable }) => variable))
    internals[field] = (found.get(field) ?? []).map(({ originalName, tensor }) => ({
      originalName,
      variable: tf.variable(tensor, false),
    }))
  }
}

interface SavedMoment {
  originalName: string
  tensor: tf.Tensor
}

function findMoments(
  optimizer: tf.Optimizer,
  tensors: Readonly<Record<string, tf.Tensor>>,
  fields: readonly string[],
): Map<string, SavedMoment[]> {
  const found = new Map<string, SavedMoment[]>()
  for (const [name, tensor] of Object.entries(tensors)) {
    const match = /^(\w+)\/(\d+)\/(.*)$/s.exec(name)
    if (!match) continue
    const [, field, index, originalName] = match as unknown as [string, string, string, string]
    if (!fields.includes(field)) fail(optimizer, `tensors of ${fields.join(', ') || 'no moments'}`, [name])
    const list = found.get(field) ?? []
    list[Number(index)] = { originalName, tensor }
    found.set(field, list)
  }
  for (const [field, list] of found) {
    // Object.keys leaves out the holes of a sparse list.
    if (Object.keys(list).length !== list.length) {
      fail(optimizer, `${field}/0 to ${field}/${list.length - 1}`, Object.keys(list))
    }
  }
  const [first = [], ...others] = fields
    .filter((field) => field !== 'accumulatedMeanGrads' || found.has(field)) // empty unless centered
    .map((field) => found.get(field) ?? [])
  for (const other of others) {
    const same = first.length === other.length && first.every(({ tensor }, i) => sameShape(tensor, other[i]))
    if (!same) {
      fail(optimizer, `as many tensors of the same shapes in each of ${fields.join(', ')}`, [...found.keys()])
    }
  }
  return found
}

function sameShape(tensor: tf.Tensor, other: SavedMoment | undefined): boolean {
  return tensor.shape.join() === other?.tensor.shape.join()
}

function momentsOf(internals: Internals, field: string): Moment[] {
  return (internals[field] as Moment[] | undefined) ?? []
}

function chainOf(optimizer: tf.Optimizer): ChainTensors | undefined {
  return optimizer.getClassName() === 'Chain' ? (optimizer as unknown as ChainTensors) : undefined
}

function layoutOf(optimizer: tf.Optimizer, caller: string) {
  const layout = LAYOUTS[optimizer.getClassName()]
  if (layout === undefined) {
    throw new TypeError(
      `${caller}: expected a chain or an optimizer of ${Object.keys(LAYOUTS).join(', ')}, got ${optimizer.getClassName()}.`,
    )
  }
  return layout
}

function fail(optimizer: tf.Optimizer, expected: string, names: string[]): never {
  const got = names.length === 0 ? 'nothing' : names.slice(0, 4).join(', ')
  throw new RangeError(
    `loadOptimizerTensors: expected ${expected} for ${optimizer.getClassName()}, got ${got}. ` +
      'Use the optimizer and the settings that the tensors were saved with.',
  )
}
