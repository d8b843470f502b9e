import type { Shape } from '@tensorflow/tfjs-layers'

/** Returns an integer >= 1, or throws a RangeError that ends with the hint. */
export function positiveInteger(layer: string, option: string, value: number, hint: string): number {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`${layer}: expected ${option} to be an integer >= 1, got ${value}. ${hint}`)
  }
  return value
}

/** Returns a number > 0, or throws a RangeError. */
export function positiveNumber(layer: string, option: string, value: number, hint: string): number {
  if (!(Number.isFinite(value) && value > 0)) {
    throw new RangeError(`${layer}: expected ${option} to be a finite number > 0, got ${value}. ${hint}`)
  }
  return value
}

/** Returns a finite number, or throws a RangeError. */
export function finiteNumber(layer: string, option: string, value: number, hint: string): number {
  if (!Number.isFinite(value)) {
    throw new RangeError(`${layer}: expected ${option} to be a finite number, got ${value}. ${hint}`)
  }
  return value
}

/** Returns a share of what is dropped in [0, 1), or throws a RangeError. */
export function dropRate(layer: { name: string }, title: string, option: string, rate: number): number {
  if (rate >= 0 && rate < 1) return rate
  throw new RangeError(
    `${title}: expected ${option} in [0, 1), got ${rate} (layer ${layer.name}). Start with 0.1.`,
  )
}

/** `channels / divisor`, or a RangeError that lists the divisors. */
export function quotient(layer: string, option: string, channels: number, divisor: number): number {
  if (channels % divisor !== 0) {
    const divisors = Array.from({ length: channels }, (_, index) => index + 1).filter(
      (n) => channels % n === 0,
    )
    throw new RangeError(
      `${layer}: expected ${option} to divide the channels, got channels=${channels}, ${option}=${divisor}. ` +
        `Choose ${option} from ${divisors.join(', ')}.`,
    )
  }
  return channels / divisor
}

/** Channels of a feature map, or a RangeError: other ranks and unknown channels are refused. */
export function imageChannels(layer: { name: string }, title: string, shape: Shape, instead: string): number {
  const channels = shape[3]
  if (shape.length !== 4 || !channels) {
    throw new RangeError(
      `${title}: expected an input [batch, height, width, channels] with a known number of channels, ` +
        `got ${describeShape(shape)} (layer ${layer.name}). ${instead}`,
    )
  }
  return channels
}

/** Channels of an input of any rank >= 2, or a RangeError when they are unknown. */
export function lastAxis(layer: { name: string }, title: string, shape: Shape): number {
  const channels = shape.at(-1)
  if (shape.length < 2 || !channels) {
    throw new RangeError(
      `${title}: expected an input [batch, ..., channels] with a known number of channels, ` +
        `got ${describeShape(shape)} (layer ${layer.name}). Give the input a shape with its channels.`,
    )
  }
  return channels
}

export function describeShape(shape: Shape): string {
  return `[${shape.map((size) => size ?? 'null').join(', ')}]`
}
