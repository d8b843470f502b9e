import * as tf from '@tensorflow/tfjs-core'
// tfjs-core in Node comes without gradients; tfjs-layers registers all of them.
import '@tensorflow/tfjs-layers'

export interface GradientOptions {
  /** Half of the distance between the two evaluations of a central difference; 1e-2 by default. */
  step?: number
  /** Allowed difference as a share of the largest gradient of the same tensor; 1e-2 by default. */
  tolerance?: number
}

const FLOAT32_EPSILON = 2 ** -23

/**
 * Throws unless `tf.grads(f)` at `xs` equals central differences.
 *
 * `f` must be deterministic and smooth within `step` of the point: keep inputs away from the kinks of ReLU-like
 * functions. The rounding of a float32 loss, `4 · epsilon · |f| / step`, is allowed on top of the tolerance.
 */
export function expectGradientsMatch(
  f: (...xs: tf.Tensor[]) => tf.Scalar,
  xs: tf.Tensor[],
  options: GradientOptions = {},
): void {
  const gradients = tf.tidy(() =>
    tf
      .grads(f)(xs)
      .map((gradient) => gradient.dataSync()),
  )
  xs.forEach((x, position) => {
    const evaluate = (values: Float32Array) =>
      read(() => f(...xs.map((other, index) => (index === position ? tf.tensor(values, x.shape) : other))))
    compare(`input ${position}`, gradients[position]!, evaluate, x, options)
  })
}

/**
 * Throws unless `tf.variableGrads(f, variables)` equals central differences; the variables keep their values.
 * Same conditions as {@link expectGradientsMatch}.
 */
export function expectVariableGradientsMatch(
  f: () => tf.Scalar,
  variables: tf.Variable[],
  options: GradientOptions = {},
): void {
  const gradients = tf.tidy(() => {
    const { grads } = tf.variableGrads(f, variables)
    return variables.map((variable) => grads[variable.name]!.dataSync())
  })
  variables.forEach((variable, position) => {
    const assign = (values: Float32Array) => tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)))
    const original = Float32Array.from(variable.dataSync())
    const evaluate = (values: Float32Array) => {
      assign(values)
      return read(f)
    }
    try {
      compare(`variable ${variable.name}`, gradients[position]!, evaluate, variable, options)
    } finally {
      assign(original)
    }
  })
}

function read(f: () => tf.Scalar): number {
  return tf.tidy(() => {
    const result = f()
    if (result.size !== 1) {
      throw new Error(`expectGradientsMatch: expected f to return a scalar, got shape [${result.shape}].`)
    }
    return result.dataSync()[0]!
  })
}

function compare(
  name: string,
  analytic: ArrayLike<number>,
  evaluate: (values: Float32Array) => number,
  point: tf.Tensor,
  { step = 1e-2, tolerance = 1e-2 }: GradientOptions,
): void {
  const values = Float32Array.from(point.dataSync())
  let largestLoss = 0
  const numeric = Array.from(values, (value, index) => {
    const at = (moved: number) => {
      const changed = Float32Array.from(values)
      changed[index] = moved
      const loss = evaluate(changed)
      largestLoss = Math.max(largestLoss, Math.abs(loss))
      return loss
    }
    const [above, below] = [Math.fround(value + step), Math.fround(value - step)]
    return (at(above) - at(below)) / (above - below)
  })
  const largest = numeric.reduce((maximum, gradient) => Math.max(maximum, Math.abs(gradient)), 0)
  const allowed = tolerance * largest + (4 * FLOAT32_EPSILON * largestLoss) / step
  numeric.forEach((expected, index) => {
    if (!(Math.abs(analytic[index]! - expected) <= allowed)) {
      throw new Error(
        `expectGradientsMatch: ${name} (shape [${point.shape}]) at index ${index}: ` +
          `gradient ${analytic[index]}, finite difference ${expected}, allowed difference ${allowed}.`,
      )
    }
  })
}
