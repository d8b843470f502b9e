import * as tf from '@tensorflow/tfjs-core'

const HALF_WIDTH = 0.425
/** Numerators and denominators, from the highest power down, of `p` near 1/2 and of tails down to 1e-11. */
const CENTRE = {
  above: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
    1971.5909503065513, 133.14166789178438, 3.3871328727963665,
  ],
  below: [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
    687.1870074920579, 42.31333070160091, 1,
  ],
}
const TAIL = {
  above: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  below: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
}

/**
 * The value below which a share `p` of a standard normal distribution lies, to 1e-15 of it; `p` from 1e-11 to 1 − 1e-11.
 *
 * Wichura 1988, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37(3).
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5
  if (Math.abs(q) <= HALF_WIDTH) return q * ratio(CENTRE, HALF_WIDTH ** 2 - q * q)
  const tail = ratio(TAIL, Math.sqrt(-Math.log(q < 0 ? p : 1 - p)) - 1.6)
  return q < 0 ? -tail : tail
}

/** {@link normalQuantile} of float32 shares up to about 1/2, where they are precise. */
export function normalQuantiles(p: tf.Tensor): tf.Tensor {
  const q = tf.sub(p, 0.5)
  const centre = tf.mul(q, ratios(CENTRE, tf.sub(HALF_WIDTH ** 2, tf.square(q))))
  const tail = ratios(TAIL, tf.sub(tf.sqrt(tf.neg(tf.log(p))), 1.6))
  return tf.where(tf.greaterEqual(q, -HALF_WIDTH), centre, tf.neg(tail))
}

/**
 * Share of a standard normal distribution below `z`, to 1e-16 of 1.
 *
 * Marsaglia 2004, "Evaluating the Normal Distribution", Journal of Statistical Software 11(4).
 */
export function normalShare(z: number): number {
  if (!(Math.abs(z) < 9)) return z > 0 ? 1 : z < 0 ? 0 : Number.NaN
  let [sum, term] = [z, z]
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
    term *= (z * z) / n
    sum += term
  }
  return Math.max(0, 0.5 + sum * normalDensity(z))
}

function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
}

export function normalDensities(z: tf.Tensor): tf.Tensor {
  return tf.div(tf.exp(tf.mul(-0.5, tf.square(z))), Math.sqrt(2 * Math.PI))
}

type Rational = Record<'above' | 'below', number[]>

function ratio({ above, below }: Rational, x: number): number {
  const [a, b] = [above, below].map((powers) => powers.reduce((sum, factor) => sum * x + factor, 0))
  return a! / b!
}

function ratios({ above, below }: Rational, x: tf.Tensor): tf.Tensor {
  const polynomial = ([highest, ...powers]: number[]) =>
    powers.reduce<tf.Tensor>((sum, factor) => tf.add(tf.mul(sum, x), factor), tf.fill(x.shape, highest!))
  return tf.div(polynomial(above), polynomial(below))
}
