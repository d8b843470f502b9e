import { finiteValues, format, list } from '../finding.js'
import type { Reading, Summary } from '../reading.js'
import { defineRule } from './rule.js'
import { fullName } from './variables.js'

type Place = 'inputs' | 'targets' | 'weights' | 'activations' | 'loss' | 'gradients'

interface Broken {
  place: Place
  where: string[]
  /** The value, where there is one. */
  value?: number
  step?: number
}

interface State {
  raised: boolean
  lastLoss: Record<string, number>
}

const remedies: Record<Place, string> = {
  inputs:
    'First clean the data: find the samples with missing values and drop or fill them, and look for a division by a ' +
    'standard deviation of 0 in the scaling.',
  targets:
    'First clean the labels: find the samples with missing targets and drop them, and look for a logarithm or a ' +
    'division in how they are made.',
  weights:
    'First go back to the last checkpoint: these weights are lost. Set every: 1 there to see whether the loss, a layer ' +
    'or a gradient breaks first. Rule out unscaled inputs and weights that start with more than σ = √(2/fan_in); then ' +
    'clip the global gradient norm, and only then lower the learning rate, by a factor of 3 to 10.',
  activations:
    'First look at that layer: a division by almost 0, a logarithm or root of something not positive, an exponential ' +
    'of something large. Rule out unscaled inputs (bring them to [-1, 1] or zero mean) and weights that start with more than σ = √(2/fan_in).',
  loss:
    'First test the loss function by itself: log(0), √0 and x/0 need a small number inside (1e-7); feed it a perfect ' +
    'and a worst prediction. Rule out targets out of range next. The learning rate comes last.',
  gradients:
    'First look for a function with an infinite slope: √x, x^p and log x at 0, a norm of a zero vector, x/|x| (add 1e-7 ' +
    'inside). Then rule out unscaled inputs and large initial weights, clip the global norm, and lower the learning ' +
    'rate only when all of that is in order.',
}

/** NaN or infinity, and the first place on the way from the inputs to the gradients where it is seen. */
export const nonFinite = defineRule<State, Record<string, never>>({
  name: 'non-finite',
  practice: 'P9',
  thresholds: {},
  initial: () => ({ raised: false, lastLoss: {} }),
  judge(reading, state) {
    const broken = findBroken(reading)
    const { lastLoss } = state
    for (const { values } of reading.losses) {
      for (const [name, value] of Object.entries(values)) if (Number.isFinite(value)) lastLoss[name] = value
    }
    if (!broken) {
      // Only a look at the weights shows that everything is fine again.
      if (reading.variables.some(({ weight }) => weight)) state.raised = false
      return []
    }
    if (state.raised) return []
    state.raised = true
    const { place, where, value, step = reading.step } = broken
    const before = lastLoss[where[0] ?? '']
    const kind = value === undefined || Number.isNaN(value) ? 'NaN' : 'Infinity'
    const history = place === 'loss' && before !== undefined ? `; it was ${format(before)} before` : ''
    return [
      {
        severity: 'error',
        step,
        where,
        message: `${kind} appears first in ${describePlace(place, where)}${history}.`,
        meaning: 'It spreads to all weights with the next update; nothing is learned after that.',
        remedy: remedies[place],
        values: finiteValues({ before: before ?? Number.NaN }),
      },
    ]
  },
})

function describePlace(place: Place, where: string[]): string {
  switch (place) {
    case 'inputs':
    case 'targets':
      return `the ${place} of the batch`
    case 'loss':
      return `the loss (${where[0]}), with finite inputs, weights and layers as far as they were looked at`
    case 'activations':
      return `the output of layer ${where[0]}, while its inputs are finite`
    case 'weights':
      return `the weights of ${list(where)}`
    case 'gradients':
      return `the gradients of ${list(where)}, while the loss is finite`
  }
}

function findBroken(reading: Reading): Broken | undefined {
  const { inputs, targets, variables, layers, losses } = reading
  if (inputs && isBroken(inputs.summary))
    return { place: 'inputs', where: ['inputs'], value: inputs.summary.mean }
  if (targets && isBroken(targets.summary))
    return { place: 'targets', where: ['targets'], value: targets.summary.mean }
  const loss = losses
    .flatMap(({ step, values }) => Object.entries(values).map(([name, value]) => ({ step, name, value })))
    .find(({ value }) => !Number.isFinite(value))
  // A loss that broke at an earlier step than this look came before the weights that are broken now.
  const earlierLoss = loss && loss.step < reading.step ? loss : undefined
  const weights = variables.filter(({ weight }) => weight && isBroken(weight))
  const layer = layers.find(({ summary }) => isBroken(summary))
  if (earlierLoss)
    return { place: 'loss', where: [earlierLoss.name], value: earlierLoss.value, step: earlierLoss.step }
  if (weights.length > 0)
    return { place: 'weights', where: weights.map(fullName), value: weights[0]!.weight!.mean }
  if (layer) return { place: 'activations', where: [layer.name], value: layer.summary.mean }
  if (loss) return { place: 'loss', where: [loss.name], value: loss.value, step: loss.step }
  const gradients = variables.filter(
    ({ gradient }) => gradient !== undefined && gradient !== 'missing' && isBroken(gradient),
  )
  if (gradients.length === 0) return undefined
  const first = gradients.at(-1)!.gradient as Summary
  return { place: 'gradients', where: gradients.reverse().map(fullName), value: first.mean }
}

/** NaN or infinity among the values, or a norm beyond float32. */
function isBroken({ mean, norm }: Summary): boolean {
  return !Number.isFinite(mean) || !Number.isFinite(norm)
}
