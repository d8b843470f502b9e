import * as tf from '@tensorflow/tfjs-core'
import { differentiable, nanOf } from './differentiable.js'
import { NO_POWER, powerOf, type YeoJohnson } from './yeo-johnson.js'

const LARGEST = 3e38

/** {@link YeoJohnson} of each feature in float32. */
export function powersOfTensor(x: tf.Tensor, shape: number[], features: readonly YeoJohnson[]): tf.Tensor {
  return differentiable(
    x,
    (values) => nanOf(values, standardized(values, constants(shape, features))),
    (values) => slope(values, constants(shape, features)),
  )
}

/** The values from which {@link powersOfTensor} comes. */
export function rootsOfTensor(x: tf.Tensor, shape: number[], features: readonly YeoJohnson[]): tf.Tensor {
  const value = (values: tf.Tensor) => nanOf(values, raw(values, constants(shape, features)))
  return differentiable(x, value, (values) => tf.div(1, slope(value(values), constants(shape, features))))
}

type Constants = ReturnType<typeof constants>

function constants(shape: number[], features: readonly YeoJohnson[]) {
  const each = (number: (feature: YeoJohnson) => number) => tf.tensor(features.map(number), shape)
  const side = (power: (feature: YeoJohnson) => number) => ({
    power: each((feature) => (Math.abs(power(feature)) < NO_POWER ? 1 : power(feature))),
    isLogarithm: tf.cast(
      each((feature) => (Math.abs(power(feature)) < NO_POWER ? 1 : 0)),
      'bool',
    ),
  })
  return {
    sign: each(({ sign }) => sign),
    above: side(({ power }) => power),
    below: side(({ power }) => 2 - power),
    // As a sum of two, as a center of 4096.3 with a spread of 0.1 needs it.
    reference: each(({ reference }) => Math.fround(reference)),
    rest: each(({ reference }) => reference - Math.fround(reference)),
    onePlusReference: each(({ reference }) => 1 + reference),
    logReference: each(({ logReference }) => logReference),
    atZero: each(({ logReference, power, shift }) => powerOf(-logReference, power, shift)),
    shrink: each(({ power, logReference }) => Math.min(LARGEST, Math.exp(-power * logReference))),
    grow: each(({ power, logReference }) => Math.min(LARGEST, Math.exp(power * logReference))),
    shift: features.some(({ shift }) => shift > 0) ? each(({ shift }) => shift) : undefined,
    mean: each(({ mean }) => mean),
    deviation: each(({ deviation }) => deviation),
  }
}

function standardized(values: tf.Tensor, c: Constants): tf.Tensor {
  const { above, below } = parts(tf.mul(values, c.sign))
  const u = tf.sub(
    powers(logRatios(above, c), c.above, c),
    tf.mul(c.shrink, powers(tf.log1p(below), c.below, c)),
  )
  return tf.mul(c.sign, tf.div(tf.sub(u, c.mean), c.deviation))
}

function raw(values: tf.Tensor, c: Constants): tf.Tensor {
  const u = tf.add(tf.mul(tf.mul(values, c.sign), c.deviation), c.mean)
  const distance = tf.maximum(logs(tf.maximum(u, c.atZero), c.above, c), tf.neg(c.logReference))
  const near = tf.add(c.reference, tf.add(tf.mul(c.onePlusReference, tf.expm1(distance)), c.rest))
  const far = tf.expm1(tf.add(distance, c.logReference))
  const above = tf.where(tf.less(tf.abs(distance), 0.7), near, far)
  const below = tf.expm1(logs(tf.mul(tf.relu(tf.sub(c.atZero, u)), c.grow), c.below, c))
  return tf.mul(c.sign, tf.sub(above, below))
}

/** `e^(p t − shift) / (1 + |x|)`, t the logarithm of the side on which x is. */
function slope(values: tf.Tensor, c: Constants): tf.Tensor {
  const signed = tf.mul(values, c.sign)
  const { above, below } = parts(signed)
  const power = (side: Constants['above']) => tf.where(side.isLogarithm, tf.zerosLike(side.power), side.power)
  const right = tf.mul(power(c.above), logRatios(above, c))
  const left = tf.sub(tf.mul(power(c.below), tf.log1p(below)), tf.mul(power(c.above), c.logReference))
  const exponent = tf.where(tf.greaterEqual(signed, 0), right, left)
  const scaled = tf.exp(c.shift ? tf.sub(exponent, c.shift) : exponent)
  return tf.div(tf.div(scaled, tf.add(1, tf.abs(values))), c.deviation)
}

const parts = (x: tf.Tensor) => ({ above: tf.maximum(x, 0), below: tf.relu(tf.neg(x)) })

function logRatios(x: tf.Tensor, { reference, rest, onePlusReference, logReference }: Constants): tf.Tensor {
  const ratio = tf.div(tf.sub(tf.sub(x, reference), rest), onePlusReference)
  const isNear = tf.logicalAnd(tf.greaterEqual(ratio, -0.5), tf.lessEqual(ratio, 1))
  return tf.where(isNear, tf.log1p(ratio), tf.sub(tf.log1p(x), logReference))
}

function powers(t: tf.Tensor, { power, isLogarithm }: Constants['above'], { shift }: Constants): tf.Tensor {
  const exponent = tf.mul(power, t)
  const grown = shift
    ? tf.where(
        tf.greater(shift, 0),
        tf.sub(tf.exp(tf.sub(exponent, shift)), tf.exp(tf.neg(shift))),
        tf.expm1(exponent),
      )
    : tf.expm1(exponent)
  return tf.where(isLogarithm, t, tf.div(grown, power))
}

function logs(u: tf.Tensor, { power, isLogarithm }: Constants['above'], { shift }: Constants): tf.Tensor {
  const grown = tf.mul(power, u)
  const plain = tf.log1p(tf.maximum(grown, -1))
  const exponent = shift
    ? tf.where(
        tf.greater(shift, 0),
        tf.add(tf.log(tf.relu(tf.add(grown, tf.exp(tf.neg(shift))))), shift),
        plain,
      )
    : plain
  return tf.where(isLogarithm, u, tf.div(exponent, power))
}
