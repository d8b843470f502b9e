import { type ChoiceValue, isActive, type Parameter, type Params, parameterOf, type Space } from './space.js'

/** How many values a parameter has; infinitely many if it is real. */
export function sizeOf(parameter: Parameter): number {
  if (parameter.kind === 'choice') return parameter.choices.length
  if (parameter.low === parameter.high) return 1
  return parameter.kind === 'float'
    ? Number.POSITIVE_INFINITY
    : (parameter.high - parameter.low) / parameter.step + 1
}

/** The value at a share of the parameter's range, from 0 to below 1; equal shares are equally likely. */
export function valueAt(parameter: Parameter, share: number): ChoiceValue {
  if (parameter.kind === 'choice') return parameter.choices[indexAt(share, parameter.choices.length)]!
  const { low, high, log } = parameter
  if (parameter.kind === 'float')
    return clamp(log ? low * (high / low) ** share : low + (high - low) * share, low, high)
  if (!log) return low + parameter.step * indexAt(share, sizeOf(parameter))
  const [from, to] = [Math.log(low - 0.5), Math.log(high + 0.5)]
  return clamp(Math.round(Math.exp(from + (to - from) * share)), low, high)
}

/** The parameters of a trial, each at its share of the range; those whose condition is not met are left out. */
export function paramsAt(space: Space, share: (name: string, index: number) => number): Params {
  const params: Record<string, ChoiceValue> = {}
  Object.entries(space).forEach(([name, entry], index) => {
    if (isActive(entry, params)) params[name] = valueAt(parameterOf(entry), share(name, index))
  })
  return params
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}

function indexAt(share: number, count: number): number {
  return clamp(Math.floor(share * count), 0, count - 1)
}
