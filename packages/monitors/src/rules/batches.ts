import { finiteValues, format } from '../finding.js'
import type { BatchReading } from '../reading.js'
import { defineRule } from './rule.js'

/** The same batch at every look. */
export const repeatedBatch = defineRule<
  { last: string; count: number; raised: boolean },
  { readings: number }
>({
  name: 'repeated-batch',
  practice: 'P14',
  thresholds: { readings: 5 },
  initial: () => ({ last: '', count: 0, raised: false }),
  judge({ inputs }, state, { readings }, { samples }) {
    if (!inputs || inputs.summary.min === inputs.summary.max) return []
    const { fingerprint } = inputs
    state.count = fingerprint === state.last ? state.count + 1 : 1
    state.last = fingerprint
    if (state.count === 1) state.raised = false
    if (state.raised || state.count < readings || (samples !== undefined && samples <= inputs.batch))
      return []
    state.raised = true
    const known = samples !== undefined
    return [
      {
        severity: known ? 'warning' : 'info',
        where: ['inputs'],
        message:
          `The same batch of ${inputs.batch} samples came at ${state.count} looks in a row` +
          `${known ? `, of ${samples} samples in the training set` : ''}.`,
        meaning: 'The network sees these samples only and will know nothing else.',
        remedy:
          'First check the iterator: it must not be made anew at each step, and the slice must move on. Nothing to do if ' +
          'this batch is the whole training set, or if you overfit a few samples on purpose' +
          `${known ? '.' : '; tell the size of the set with task: { samples }.'}`,
        values: finiteValues({ batch: inputs.batch, samples: samples ?? Number.NaN, readings: state.count }),
      },
    ]
  },
})

interface OrderState {
  batches: { size: number; mean: number[]; variance: number[] }[]
  over: boolean
}

/** Batches that are compared, and the fewest that tell something. */
const BATCHES = 40
/** Columns that enter the comparison; more of them say nothing new. */
const COLUMNS = 64

/**
 * Batches that differ more from each other than random ones do. Analysis of variance of the targets (or inputs): in a
 * shuffled set `F = B · Var(batch means) / mean(variance within a batch)` is about 1.
 */
export const unshuffledBatches = defineRule<OrderState, { f: number; batches: number }>({
  name: 'unshuffled-batches',
  practice: 'P14',
  thresholds: { f: 4, batches: 8 },
  initial: () => ({ batches: [], over: false }),
  judge({ targets, inputs }, state, { f: limit, batches: needed }) {
    const shown = targets ?? inputs
    if (!shown || state.over || shown.batch < 4) return []
    const last = state.batches.at(-1)
    const mean = shown.columnMean.slice(0, COLUMNS)
    // Neighbouring looks at a batch that repeats are no new evidence.
    if (last?.mean.every((value, column) => value === mean[column])) return []
    state.batches.push({ size: shown.batch, mean, variance: shown.columnVariance.slice(0, COLUMNS) })
    if (state.batches.length > BATCHES) state.batches.shift()
    if (state.batches.length < needed) return []
    const { f, between, within } = analysis(state.batches)
    if (!(f > limit)) return []
    state.over = true
    const what = targets ? 'targets' : 'inputs'
    return [
      {
        severity: 'warning',
        where: [what],
        message:
          `Batches are sorted or not shuffled: the means of the ${what} of ${state.batches.length} batches vary by ` +
          `${format(Math.sqrt(between))}, ${format(Math.sqrt(f))} times as much as those of random batches ` +
          `(${format(Math.sqrt(within))}).`,
        meaning:
          'Each batch pulls towards its own kind of sample; the network forgets the others in between.',
        remedy:
          'First shuffle the whole training set before each epoch, inputs and targets together: shuffle: true in fit, ' +
          'dataset.shuffle(n) with n as large as the set, a seeded permutation in a loop of your own. Then look again at ' +
          'how the set is put together: one class or one recording after the other.',
        values: finiteValues({ f, between: Math.sqrt(between), random: Math.sqrt(within) }),
      },
    ]
  },
})

/** Pooled over the columns. */
function analysis(batches: OrderState['batches']): { f: number; between: number; within: number } {
  const columns = batches[0]!.mean.length
  let between = 0
  let within = 0
  for (let column = 0; column < columns; column++) {
    const means = batches.map(({ mean }) => mean[column]!)
    const centre = means.reduce((sum, value) => sum + value, 0) / means.length
    between += means.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (means.length - 1)
    // Variance of the mean of a random batch; `variance` is that of the batch, with its size as the divisor.
    within +=
      batches.reduce((sum, { variance, size }) => sum + variance[column]! / (size - 1), 0) / means.length
  }
  // Even constant batches have some variance in float32.
  const floor = 1e-12 + 1e-4 * between
  return { f: between / Math.max(within, floor), between: between / columns, within: within / columns }
}

interface FixedState {
  seen: { fingerprint: string; step: number }[]
  repeats: number
  over: boolean
}

/** The same batches in every epoch: each is shuffled once at most. */
export const fixedBatches = defineRule<FixedState, { repeats: number }>({
  name: 'fixed-batches',
  practice: 'P14',
  thresholds: { repeats: 5 },
  initial: () => ({ seen: [], repeats: 0, over: false }),
  judge({ inputs, step }, state, { repeats }) {
    if (!inputs || state.over) return []
    const { fingerprint } = inputs
    const before = state.seen.find((entry) => entry.fingerprint === fingerprint)
    const previous = state.seen.at(-1)
    if (before && before !== previous) state.repeats++
    if (!before) state.seen.push({ fingerprint, step })
    if (state.seen.length > 200) state.seen.shift()
    if (state.repeats < repeats) return []
    state.over = true
    return [
      {
        severity: 'info',
        where: ['inputs'],
        message: `Batches come back unchanged: ${state.repeats} looks found a batch that had been there before.`,
        meaning:
          'Samples always meet the same others; batch normalization and the order of updates get used to it.',
        remedy: 'First shuffle samples, not batches, before each epoch.',
        values: { repeats: state.repeats },
      },
    ]
  },
})

/** Number of rows in the batch, for the rules that need it. */
export function batchSize(reading: { inputs?: BatchReading; targets?: BatchReading }): number | undefined {
  return reading.inputs?.batch ?? reading.targets?.batch
}
