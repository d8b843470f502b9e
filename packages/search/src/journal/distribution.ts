import type { ChoiceValue, Parameter } from '../space.js'

interface Distribution {
  name: string
  attributes: {
    low?: number
    high?: number
    log?: boolean
    step?: number | null
    choices?: ChoiceValue[]
    q?: number
  }
}

/** A parameter as Optuna's journal describes it: JSON inside a string. */
export function encodeDistribution(parameter: Parameter): string {
  if (parameter.kind === 'choice')
    return JSON.stringify({ name: 'CategoricalDistribution', attributes: { choices: parameter.choices } })
  const { kind, low, high, log } = parameter
  const distribution: Distribution =
    kind === 'float'
      ? { name: 'FloatDistribution', attributes: { step: null, low, high, log } }
      : { name: 'IntDistribution', attributes: { log, step: parameter.step, low, high } }
  return JSON.stringify(distribution)
}

/** The parameter that Optuna or {@link encodeDistribution} wrote; a float with steps counts as one without. */
export function decodeDistribution(text: string): Parameter {
  const { name, attributes } = JSON.parse(text) as Distribution
  if (name === 'CategoricalDistribution') return { kind: 'choice', choices: attributes.choices! }
  const log = attributes.log ?? name.includes('Log')
  const { low, high, step } = attributes as { low: number; high: number; step: number | null | undefined }
  return name.startsWith('Int')
    ? { kind: 'int', low, high, log, step: step ?? 1 }
    : { kind: 'float', low, high, log }
}

/** Optuna stores choices by their index. */
export function encodeValue(parameter: Parameter, value: ChoiceValue): number {
  return parameter.kind === 'choice' ? parameter.choices.indexOf(value) : (value as number)
}

export function decodeValue(parameter: Parameter, stored: number): ChoiceValue {
  return parameter.kind === 'choice' ? parameter.choices[stored]! : stored
}

/** Why values of both cannot stand in one study, in words; `undefined` where they can. Ranges may differ. */
export function incompatibility(before: Parameter, now: Parameter): string | undefined {
  const nature = (parameter: Parameter) =>
    parameter.kind === 'choice'
      ? `choice of ${JSON.stringify(parameter.choices)}`
      : `${parameter.log ? 'logarithmic ' : ''}${parameter.kind}`
  return nature(before) === nature(now) ? undefined : `was a ${nature(before)} and is now a ${nature(now)}`
}
