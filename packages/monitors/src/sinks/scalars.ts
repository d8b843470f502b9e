import type { Reading, Summary } from '../reading.js'
import { fullName } from '../rules/variables.js'

/** A number of a reading with a path-like name, such as `gradients/hidden1/kernel/norm`. */
export interface Scalar {
  step: number
  name: string
  value: number
}

/** Every number of a reading. */
export function scalarsOf(reading: Reading): Scalar[] {
  const { step, losses, variables, layers, learningRates, validation, termNorms = {}, scores } = reading
  const scalars: Scalar[] = losses.flatMap((entry) =>
    Object.entries(entry.values).map(([name, value]) => ({
      step: entry.step,
      name: `losses/${name}`,
      value,
    })),
  )
  const add = (name: string, value: number | undefined) => {
    if (value !== undefined) scalars.push({ step, name, value })
  }
  for (const variable of variables) {
    const { gradient, weight, updateNorm } = variable
    const name = fullName(variable)
    if (gradient && gradient !== 'missing') addSummary(add, `gradients/${name}`, gradient)
    if (weight) addSummary(add, `weights/${name}`, weight)
    if (updateNorm !== undefined && weight && weight.norm > 0)
      add(`updates/${name}`, updateNorm / weight.norm)
  }
  for (const layer of layers) {
    const name = `activations/${fullName(layer)}`
    addSummary(add, name, layer.summary)
    add(`${name}/saturated`, layer.saturated)
  }
  for (const part of ['inputs', 'targets', 'outputs'] as const) {
    const batch = reading[part]
    if (batch) addSummary(add, `data/${part}`, batch.summary)
  }
  for (const [network, rate] of Object.entries(learningRates)) {
    add(network ? `learningRate/${network}` : 'learningRate', Number.isNaN(rate) ? undefined : rate)
  }
  for (const [term, norm] of Object.entries(termNorms)) add(`terms/${term}/gradient`, norm)
  add('losses/validation', validation?.loss)
  add('scores/real', scores && mean(scores.real))
  add('scores/fake', scores && mean(scores.fake))
  return scalars
}

function addSummary(
  add: (name: string, value: number) => void,
  name: string,
  { mean, std, norm, meanAbs, min, max, zeros }: Summary,
): void {
  for (const [key, value] of Object.entries({ mean, std, norm, meanAbs, min, max, zeros })) {
    add(`${name}/${key}`, value)
  }
}

/** Samples of values that were read for histograms, by name. */
export function samplesOf({
  variables,
  layers,
}: Reading): { name: string; sample: number[]; size: number }[] {
  const named: [string, Summary | undefined][] = [
    ...variables.flatMap((variable): [string, Summary | undefined][] => [
      [`weights/${fullName(variable)}`, variable.weight],
      [`gradients/${fullName(variable)}`, variable.gradient === 'missing' ? undefined : variable.gradient],
    ]),
    ...layers.map((layer): [string, Summary] => [`activations/${fullName(layer)}`, layer.summary]),
  ]
  return named.flatMap(([name, summary]) =>
    summary?.sample ? [{ name, sample: summary.sample, size: summary.size }] : [],
  )
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
