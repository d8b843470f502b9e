import type * as tf from '@tensorflow/tfjs-core'

interface Weight {
  readonly id: number
  readonly originalName: string
  read(): tf.Tensor
}

/** What is needed of a model of `tf.layers`: its weights, and which of them are trained. */
export interface ModelWeights {
  readonly weights: readonly Weight[]
  readonly trainableWeights: readonly Weight[]
}

/**
 * All weights of a model by name, for a checkpoint: trainable ones and buffers such as the moving mean of batch
 * normalization. The variables themselves: they belong to the model and change with training.
 *
 * Names are those that TensorFlow.js saves with (`<layer>/kernel`); give layers names, or a second model of the same
 * process has other ones.
 */
export function modelTensors(model: ModelWeights): Record<string, tf.Tensor> {
  return Object.fromEntries([...namedWeights(model)].map(([name, weight]) => [name, weight.read()]))
}

/**
 * Writes tensors from {@link modelTensors} into the weights of a model with the same weights. `tensors` stay with the
 * caller. Throws a `RangeError`, and changes nothing, when a name or a shape differs.
 */
export function loadModelTensors(model: ModelWeights, tensors: Readonly<Record<string, tf.Tensor>>): void {
  assignTensors(
    'loadModelTensors',
    new Map([...namedWeights(model)].map(([name, weight]) => [name, variableOf(weight)])),
    tensors,
  )
}

/**
 * Writes tensors into some of the weights of a model, by the names of {@link modelTensors}; the others stay as they are.
 * Throws a `RangeError`, and changes nothing, when a name is unknown or a shape differs.
 */
export function assignWeights(model: ModelWeights, tensors: Readonly<Record<string, tf.Tensor>>): void {
  const named = [...namedWeights(model)].filter(([name]) => Object.hasOwn(tensors, name))
  assignTensors('assignWeights', new Map(named.map(([name, weight]) => [name, variableOf(weight)])), tensors)
}

/** The weights of a model under names that are unique within it. */
export function namedWeights(model: ModelWeights): Map<string, Weight> {
  const named = new Map<string, Weight>()
  for (const weight of model.weights) {
    let name = weight.originalName
    for (let count = 2; named.has(name); count++) name = `${weight.originalName}#${count}`
    named.set(name, weight)
  }
  return named
}

/** The variable of a weight. (Writing through the weight would apply its constraint, so not keep every bit.) */
export function variableOf(weight: Weight): tf.Variable {
  return weight.read() as tf.Variable
}

/** Assigns a tensor to each variable. Throws before the first one unless names, shapes and types are the same. */
export function assignTensors(
  caller: string,
  variables: ReadonlyMap<string, tf.Variable>,
  tensors: Readonly<Record<string, tf.Tensor>>,
): void {
  const missing = [...variables.keys()].filter((name) => !Object.hasOwn(tensors, name))
  const unknown = Object.keys(tensors).filter((name) => !variables.has(name))
  if (missing.length > 0 || unknown.length > 0) {
    throw new RangeError(
      `${caller}: expected the ${variables.size} weights of the model, got ${variables.size - missing.length} of ` +
        `them (missing: ${few(missing)}; unknown: ${few(unknown)}). Use the model that they were saved from.`,
    )
  }
  for (const [name, variable] of variables) {
    const tensor = tensors[name] as tf.Tensor
    if (describe(tensor) !== describe(variable)) {
      throw new RangeError(
        `${caller}: expected ${describe(variable)}, got ${describe(tensor)} ("${name}"). ` +
          'Use the model that they were saved from.',
      )
    }
  }
  for (const [name, variable] of variables) {
    const tensor = tensors[name] as tf.Tensor
    // `assign` frees the old values first: it must not be given the variable itself.
    if (tensor.id !== variable.id) variable.assign(tensor)
  }
}

function describe({ dtype, shape }: tf.Tensor): string {
  return `${dtype} [${shape}]`
}

function few(names: string[]): string {
  if (names.length === 0) return 'none'
  return names.slice(0, 3).join(', ') + (names.length > 3 ? `, ${names.length - 3} more` : '')
}
