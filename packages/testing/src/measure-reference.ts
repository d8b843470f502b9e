import * as tf from '@tensorflow/tfjs-core'
import { layers } from '@tensorflow/tfjs-layers'

interface ReferenceTensor {
  shape: number[]
  values: number[]
}

/** What another program computed for one use of a layer or function; made by a script in a `fixtures` folder. */
export interface Reference {
  /** Exported name of the layer or function. */
  name: string
  /** The program and what was called there. */
  source: string
  config: tf.serialization.ConfigDict
  training: boolean
  inputs: ReferenceTensor[]
  /** Weights of the layer before the call, by the last part of their name. */
  weights: Record<string, ReferenceTensor>
  outputs: ReferenceTensor[]
  /** The loss is the sum of the outputs times these. */
  upstream: ReferenceTensor[]
  /** Gradient of the loss; null for an input that has none, such as a mask. */
  inputGradients: (number[] | null)[]
  weightGradients: Record<string, number[]>
  /** Gradients of a gradient penalty: the squared length of the gradient of ½ Σ upstream · output² by the inputs. */
  penaltyGradients?: { inputs: (number[] | null)[]; weights: Record<string, number[]> }
  /** Weights that are not trained, after the call. */
  weightsAfter?: Record<string, number[]>
}

/** Largest absolute differences to the reference. */
export interface ReferenceErrors {
  values: number
  gradients: number
  /** Of the gradient penalty; undefined where the reference has none. */
  secondGradients: number | undefined
}

export type ReferenceSubject = layers.Layer | ((...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[])

/**
 * Compares a layer or function with what another program computed: values, gradients of inputs and weights, and
 * gradients of a gradient penalty. A layer gets the weights of the reference and its first call number before each use.
 *
 * @throws Error when shapes or names of weights differ from the reference.
 */
export function measureReference(reference: Reference, subject: ReferenceSubject): ReferenceErrors {
  return tf.tidy(() => {
    const inputs = reference.inputs.map(({ shape, values }) => tf.tensor(values, shape))
    const evaluate = evaluator(reference, subject)
    const outputs = evaluate(inputs)
    const values = new Differences(reference.name)
    for (const [index, output] of outputs.entries()) values.add(output, reference.outputs[index]!.values)
    const variables = subject instanceof layers.Layer ? trainableByName(subject) : {}
    if (reference.weightsAfter) {
      const after = byName((subject as layers.Layer).weights)
      for (const [name, expected] of Object.entries(reference.weightsAfter))
        values.add(after[name]!, expected)
    }

    const free = reference.inputGradients.flatMap((gradient, index) => (gradient ? [index] : []))
    const filled = (some: tf.Tensor[]) =>
      inputs.map((input, index) => (free.includes(index) ? some[free.indexOf(index)]! : input))
    const weighted = (outputs: tf.Tensor[]) =>
      tf.addN(
        outputs.map((output, index) => {
          const { shape, values } = reference.upstream[index]!
          return tf.sum(tf.mul(output, tf.tensor(values, shape)))
        }),
      ) as tf.Scalar
    const loss = (...some: tf.Tensor[]) => weighted(evaluate(filled(some)))
    const curved = (...some: tf.Tensor[]) =>
      weighted(evaluate(filled(some)).map((output) => tf.mul(0.5, tf.square(output))))
    const penalty = (...some: tf.Tensor[]) => {
      const gradients = tf.grads(curved)(some)
      return tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))) as tf.Scalar
    }
    const gradientErrors = (
      f: typeof loss,
      expectedInputs: (number[] | null)[],
      expectedWeights: Record<string, number[]>,
    ) => {
      const differences = new Differences(reference.name)
      const point = free.map((index) => inputs[index]!)
      if (free.length > 0) {
        for (const [index, gradient] of tf.grads(f)(point).entries()) {
          differences.add(gradient, expectedInputs[free[index]!]!)
        }
      }
      const names = Object.keys(expectedWeights)
      if (names.length > 0) {
        const list = names.map((name) => variables[name]!)
        const { grads } = tf.variableGrads(() => f(...point), list)
        for (const [index, name] of names.entries()) {
          differences.add(grads[list[index]!.name]!, expectedWeights[name]!)
        }
      }
      return differences.largest
    }
    const { penaltyGradients } = reference
    return {
      values: values.largest,
      gradients: gradientErrors(loss, reference.inputGradients, reference.weightGradients),
      secondGradients:
        penaltyGradients && gradientErrors(penalty, penaltyGradients.inputs, penaltyGradients.weights),
    }
  })
}

/** Calls the subject in the state of the reference, however often it was called before. */
function evaluator(reference: Reference, subject: ReferenceSubject): (inputs: tf.Tensor[]) => tf.Tensor[] {
  const asList = (result: tf.Tensor | tf.Tensor[]) => (Array.isArray(result) ? result : [result])
  if (!(subject instanceof layers.Layer)) return (inputs) => asList(subject(...inputs))
  const call = (inputs: tf.Tensor[]) =>
    asList(
      subject.apply(inputs.length === 1 ? inputs[0]! : inputs, { training: reference.training }) as tf.Tensor,
    )
  subject.build(
    reference.inputs.length === 1 ? reference.inputs[0]!.shape : reference.inputs.map(({ shape }) => shape),
  )
  subject.built = true
  const variables = byName(subject.weights)
  const [expected, found] = [Object.keys(reference.weights), Object.keys(variables)]
  if (expected.sort().join() !== found.sort().join()) {
    throw new Error(`${reference.name}: expected weights [${expected}], got [${found}].`)
  }
  return (inputs) => {
    for (const [name, { shape, values }] of Object.entries(reference.weights)) {
      tf.tidy(() => variables[name]!.assign(tf.tensor(values, shape)))
    }
    if ('calls' in subject) subject.calls = 0
    return call(inputs)
  }
}

const lastPart = (name: string) => name.split('/').at(-1)!

function byName(weights: layers.Layer['weights']): Record<string, tf.Variable> {
  return Object.fromEntries(
    weights.map((weight) => [lastPart(weight.originalName), weight.read() as tf.Variable]),
  )
}

function trainableByName(layer: layers.Layer): Record<string, tf.Variable> {
  return byName(layer.trainableWeights)
}

/** Keeps the largest absolute difference. */
class Differences {
  largest = 0
  constructor(private readonly name: string) {}

  add(actual: tf.Tensor, expected: number[]): void {
    const values = actual.dataSync()
    if (values.length !== expected.length) {
      throw new Error(`${this.name}: expected ${expected.length} values, got shape [${actual.shape}].`)
    }
    expected.forEach((wanted, index) => {
      const difference = Math.abs(values[index]! - wanted)
      this.largest = Math.max(this.largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference)
    })
  }
}
