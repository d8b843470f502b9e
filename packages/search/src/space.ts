import { checkKeys } from './check-keys.js'

/** What a choice may offer: what JSON, and so Optuna's journal, can tell apart. */
export type ChoiceValue = string | number | boolean | null

/** A parameter that is a real number between two bounds; see `uniform` and `logUniform`. */
export interface FloatParameter {
  readonly kind: 'float'
  readonly low: number
  readonly high: number
  readonly log: boolean
}

/** A parameter that is a whole number between two bounds; see `int`. */
export interface IntParameter {
  readonly kind: 'int'
  readonly low: number
  readonly high: number
  readonly log: boolean
  readonly step: number
}

/** A parameter with a list of values; see `choice`. */
export interface ChoiceParameter<Value extends ChoiceValue = ChoiceValue> {
  readonly kind: 'choice'
  readonly choices: readonly Value[]
}

/** A parameter without a condition. */
export type Parameter = FloatParameter | IntParameter | ChoiceParameter

/** A parameter that exists only while others have certain values. */
export interface ConditionalParameter<Inner extends Parameter = Parameter> {
  readonly kind: 'conditional'
  readonly parameter: Inner
  readonly when: Readonly<Record<string, readonly ChoiceValue[]>>
}

/** The parameters of a search, by name. */
export type Space = Readonly<Record<string, Parameter | ConditionalParameter>>

type ValueOf<Inner> = Inner extends ChoiceParameter<infer Value> ? Value : number
type ConditionalKeys<S> = { [Key in keyof S]: S[Key] extends ConditionalParameter ? Key : never }[keyof S]

/** The parameters of one trial: `number` or the union of the choices; conditional ones may be missing. */
export type ParamsOf<S extends Space> = {
  [Key in Exclude<keyof S, ConditionalKeys<S>>]: ValueOf<S[Key]>
} & {
  [Key in ConditionalKeys<S>]?: S[Key] extends ConditionalParameter<infer Inner> ? ValueOf<Inner> : never
}

/** Parameters of a trial whose space is not known to the compiler. */
export type Params = Readonly<Record<string, ChoiceValue>>

/** A real number from `low` to `high`, each equally likely. */
export function uniform(low: number, high: number): FloatParameter {
  checkRange('uniform', low, high)
  return { kind: 'float', low, high, log: false }
}

/** A real number from `low` to `high`, both above 0, whose logarithm is equally likely everywhere: rates, decays. */
export function logUniform(low: number, high: number): FloatParameter {
  checkRange('logUniform', low, high)
  checkPositive('logUniform', low)
  return { kind: 'float', low, high, log: true }
}

/**
 * A whole number from `low` to `high`, both included.
 *
 * @param options `step` (1): the distance between values; `log` (false): by logarithm, with `low` from 1 up and no step.
 * @throws {RangeError} when a bound is no whole number, or step is below 1 or given with log.
 */
export function int(low: number, high: number, options: { step?: number; log?: boolean } = {}): IntParameter {
  checkKeys('int', options, ['step', 'log'])
  const { step = 1, log = false } = options
  checkRange('int', low, high)
  for (const [name, value] of Object.entries({ low, high, step })) {
    if (!Number.isSafeInteger(value))
      throw new RangeError(
        `int: expected ${name} to be a whole number, got ${value}. Round it, or use uniform.`,
      )
  }
  if (step < 1) throw new RangeError(`int: expected step from 1 up, got ${step}. Leave it out for 1.`)
  if (log && step !== 1)
    throw new RangeError(`int: expected no step with log, got ${step}. Leave out one of them.`)
  if (log) checkPositive('int with log', low)
  return { kind: 'int', low, high: low + Math.floor((high - low) / step) * step, log, step }
}

/**
 * One of several values: strings, numbers, booleans or `null`.
 *
 * @throws {RangeError} without values and for repeated ones.
 * @throws {TypeError} for values that are not strings, finite numbers, booleans or null.
 */
export function choice<const Values extends readonly ChoiceValue[]>(
  choices: Values,
): ChoiceParameter<Values[number]> {
  if (!Array.isArray(choices) || choices.length === 0)
    throw new RangeError('choice: expected at least one value, got none. List the values to choose from.')
  for (const value of choices) {
    if (!isChoiceValue(value))
      throw new TypeError(
        `choice: expected strings, finite numbers, booleans or null, got ${String(value)}. Name it by a string.`,
      )
  }
  if (new Set(choices).size < choices.length)
    throw new RangeError(
      `choice: expected different values, got ${choices.join(', ')}. Remove the repeated one.`,
    )
  return { kind: 'choice', choices }
}

/**
 * A parameter that exists only while earlier ones have given values.
 *
 * @param when the value of each deciding parameter, or a list of values: `{ optimizer: ['sgd', 'nesterov'] }`.
 * @throws {RangeError} without a condition.
 */
export function conditional<Inner extends Parameter>(
  parameter: Inner,
  when: Readonly<Record<string, ChoiceValue | readonly ChoiceValue[]>>,
): ConditionalParameter<Inner> {
  if (Object.keys(when).length === 0)
    throw new RangeError('conditional: expected a condition, got none. Name a parameter and its value.')
  const lists = Object.entries(when).map(([key, value]) => [key, Array.isArray(value) ? value : [value]])
  return { kind: 'conditional', parameter, when: Object.fromEntries(lists) }
}

const KINDS = ['float', 'int', 'choice', 'conditional']

/** Throws unless there is something to search and every condition names an earlier parameter and values it can have. */
export function checkSpace(space: Space): void {
  const names = Object.keys(space)
  if (names.length === 0)
    throw new RangeError(
      'space: expected at least one parameter, got none. Add one, e.g. logUniform(1e-5, 1e-1).',
    )
  names.forEach((name, index) => {
    const entry = space[name]!
    if (typeof entry !== 'object' || entry === null || !KINDS.includes(entry.kind))
      throw new TypeError(
        `space: expected ${name} to be made by uniform, logUniform, int, choice or conditional, got ${JSON.stringify(entry)}.`,
      )
    if (entry.kind !== 'conditional') return
    for (const [key, values] of Object.entries(entry.when)) {
      if (!names.slice(0, index).includes(key))
        throw new RangeError(
          `space: expected the condition of ${name} to name a parameter before it, got ${key}. Put ${key} first.`,
        )
      const impossible = values.filter((value) => !contains(parameterOf(space[key]!), value))
      if (impossible.length > 0)
        throw new RangeError(
          `space: expected the condition of ${name} to name values of ${key}, got ${impossible.join(', ')}. Correct it.`,
        )
    }
  })
}

/** The parameter itself, without its condition. */
export function parameterOf(entry: Parameter | ConditionalParameter): Parameter {
  return entry.kind === 'conditional' ? entry.parameter : entry
}

/** Whether a parameter exists beside the values chosen before it. */
export function isActive(entry: Parameter | ConditionalParameter, chosen: Params): boolean {
  if (entry.kind !== 'conditional') return true
  return Object.entries(entry.when).every(
    ([key, values]) => key in chosen && values.includes(chosen[key] as ChoiceValue),
  )
}

/** Whether a parameter can have this value. */
export function contains(parameter: Parameter, value: unknown): boolean {
  if (parameter.kind === 'choice') return parameter.choices.includes(value as ChoiceValue)
  if (typeof value !== 'number' || !(value >= parameter.low && value <= parameter.high)) return false
  return parameter.kind === 'float' || (value - parameter.low) % parameter.step === 0
}

function isChoiceValue(value: unknown): value is ChoiceValue {
  return value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value)
}

function checkRange(caller: string, low: number, high: number): void {
  if (Number.isFinite(low) && Number.isFinite(high) && low <= high) return
  throw new RangeError(
    `${caller}: expected two finite numbers, the smaller one first, got ${low} and ${high}. Correct the range.`,
  )
}

function checkPositive(caller: string, low: number): void {
  if (low > 0) return
  throw new RangeError(
    `${caller}: expected numbers above 0, got ${low}. Logarithms need them; or use uniform.`,
  )
}
