/**
 * Yeo and Johnson's function of one feature, shifted and scaled.
 *
 * `y(x) = ((x + 1)^λ − 1) / λ` for x ≥ 0, `−((1 − x)^(2 − λ) − 1) / (2 − λ)` below, with logarithms where a power is 0. Near
 * values of 1e9, y would lose all digits of what they differ by; so it is measured from its value at a reference among
 * the training values, in units of its slope there: `u(x) = (y(x) − y(r)) / (e^shift · (1 + r)^λ)`.
 */
export interface YeoJohnson {
  readonly lambda: number
  /** -1 for training data without positive values: `y(x; λ) = −y(−x; 2 − λ)`, and the right-hand side is used. */
  readonly sign: 1 | -1
  /** λ, or 2 − λ where the sign is -1. */
  readonly power: number
  /** r, not negative. */
  readonly reference: number
  /** `log(1 + r)` */
  readonly logReference: number
  /** Keeps powers of the training data within e^60. */
  readonly shift: number
  /** Of u over the training data. */
  readonly mean: number
  readonly deviation: number
  readonly constant: boolean
}

/** Below it a power counts as 0. */
export const NO_POWER = 1e-20

/** y without shift and scale, as `standardize: false` has it. */
export function plain(lambda: number, constant: boolean): YeoJohnson {
  const unscaled = { reference: 0, logReference: 0, shift: 0, mean: 0, deviation: 1 }
  return { lambda, sign: 1, power: lambda, ...unscaled, constant }
}

/** Shifted by the center only. */
export function centred(center: number): YeoJohnson {
  const reference = Math.abs(center)
  return {
    ...plain(1, true),
    sign: center < 0 ? -1 : 1,
    reference,
    logReference: Math.log1p(reference),
    deviation: 1 / (1 + reference),
  }
}

export function forward(value: number, feature: YeoJohnson): number {
  const { sign, power, reference, logReference, shift, mean, deviation } = feature
  const x = sign * value
  return (sign * (relative() - mean)) / deviation + 0 // no -0

  function relative(): number {
    if (power === 1 && shift === 0) return (x - reference) / (1 + reference)
    if (x >= 0) return powerOf(logRatio(x, reference, logReference), power, shift)
    const below = powerOf(Math.log1p(-x), 2 - power, shift)
    const scaled = below === 0 ? 0 : Math.exp(-power * logReference) * below
    return powerOf(-logReference, power, shift) - scaled
  }
}

/** What {@link forward} makes `value` of; ±Infinity beyond what it reaches. */
export function inverse(value: number, feature: YeoJohnson): number {
  const { sign, power, reference, logReference, shift, mean, deviation } = feature
  return sign * absolute(sign * value * deviation + mean)

  function absolute(u: number): number {
    if (power === 1 && shift === 0) return reference + (1 + reference) * u
    const atZero = powerOf(-logReference, power, shift)
    if (u < atZero) {
      return -Math.expm1(logOf((atZero - u) * Math.exp(power * logReference), 2 - power, shift))
    }
    const distance = Math.max(logOf(u, power, shift), -logReference)
    const near = Math.abs(distance) < 0.7
    const x = near ? reference + (1 + reference) * Math.expm1(distance) : Math.expm1(distance + logReference)
    return distance < Number.POSITIVE_INFINITY ? Math.min(x, Number.MAX_VALUE) : x // not Infinity by rounding
  }
}

/** `log((1 + x) / (1 + r))`, with all digits where x is near r. */
export function logRatio(x: number, reference: number, logReference: number): number {
  const ratio = (x - reference) / (1 + reference)
  return ratio >= -0.5 && ratio <= 1 ? Math.log1p(ratio) : Math.log1p(x) - logReference
}

/** `(e^(p t) − 1) / (p e^shift)` */
export function powerOf(t: number, p: number, shift: number): number {
  if (Math.abs(p) < NO_POWER) return t
  if (shift === 0) return Math.expm1(p * t) / p
  return (Math.exp(p * t - shift) - Math.exp(-shift)) / p
}

/** The inverse of {@link powerOf}. */
function logOf(u: number, p: number, shift: number): number {
  if (Math.abs(p) < NO_POWER) return u
  if (shift === 0) return Math.log1p(Math.max(-1, p * u)) / p
  return (Math.log(Math.max(0, p * u + Math.exp(-shift))) + shift) / p
}
