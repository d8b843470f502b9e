import { finiteValues, format, percent } from '../finding.js'
import { dataLossOf } from './loss-names.js'
import { defineRule } from './rule.js'

interface State {
  /** Training losses since the last validation. */
  sum: number
  count: number
  best: { loss: number; train: number; step: number } | null
  first: number | null
  worse: number
  gapRaised: boolean
  raised: boolean
}

/**
 * The validation loss against the training loss, both without penalties: tfjs adds these to the training loss only.
 * A gap is worth a note; a validation loss that rises while the training loss falls is overtraining.
 */
export const overfitting = defineRule<
  State,
  { gap: number; wideGap: number; rise: number; validations: number }
>({
  name: 'overfitting',
  practice: 'P17',
  thresholds: { gap: 0.1, wideGap: 1, rise: 0.1, validations: 3 },
  initial: () => ({
    sum: 0,
    count: 0,
    best: null,
    first: null,
    worse: 0,
    gapRaised: false,
    raised: false,
  }),
  judge(reading, state, { gap: gapLimit, wideGap, rise, validations }) {
    for (const { values } of reading.losses) {
      const value = dataLossOf(values)
      if (value === undefined || !Number.isFinite(value)) continue
      state.sum += value
      state.count++
    }
    const { validation } = reading
    if (!validation || state.count === 0 || !Number.isFinite(validation.loss)) return []
    const train = state.sum / state.count
    state.sum = 0
    state.count = 0
    const { loss, step } = validation
    state.first ??= Math.max(loss, train)
    if (!state.best || loss <= state.best.loss) {
      state.best = { loss, train, step }
      state.worse = 0
    } else {
      // Losses that are both almost 0 have no gap worth the name.
      const isWorse = loss > (1 + rise) * state.best.loss && loss - state.best.loss > 0.1 * state.first
      state.worse = isWorse && train < state.best.train ? state.worse + 1 : 0
    }
    const gap = (loss - train) / train
    const values = finiteValues({ validation: loss, train, gap, best: state.best.loss })
    const sizes = `validation ${format(loss)}, training ${format(train)}, penalties left out`
    if (!state.raised && state.worse >= validations && gap > wideGap) {
      state.raised = true
      return [
        {
          severity: 'warning',
          where: ['validation'],
          message:
            `Overfitting: the validation loss has risen for ${state.worse} validations since its best of ` +
            `${format(state.best.loss)} at step ${state.best.step}, while the training loss falls (${sizes}).`,
          meaning: 'The network learns its training samples by heart, and gets worse on new ones.',
          remedy:
            `First go back to the checkpoint of step ${state.best.step}. Rule out validation data of another kind than the ` +
            'training data, or scaled with other statistics. Then add data or augmentation, raise dropout (0.2, then up to ' +
            '0.5), add L2 (1e-4), or make the network smaller.',
          values,
        },
      ]
    }
    if (state.gapRaised || state.raised || gap <= gapLimit || loss - train < 0.05 * state.first) return []
    state.gapRaised = true
    return [
      {
        severity: 'info',
        where: ['validation'],
        message: `The validation loss is ${percent(gap)} above the training loss (${sizes}).`,
        meaning: 'Some gap is normal; if it widens while the validation loss rises, the network overfits.',
        remedy:
          'First compare samples of both sets by eye, and check that both are scaled with the statistics of the training ' +
          'set. If the gap widens, add data or augmentation, dropout of 0.2 and more, or L2.',
        values,
      },
    ]
  },
})

/** Too few validation samples for their loss to mean anything. */
export const smallValidation = defineRule<{ over: boolean }, { samples: number }>({
  name: 'small-validation',
  practice: 'P29',
  thresholds: { samples: 20 },
  initial: () => ({ over: false }),
  judge({ validation }, state, { samples: limit }) {
    const { samples } = validation ?? {}
    if (state.over || samples === undefined || samples >= limit) return []
    state.over = true
    return [
      {
        severity: 'warning',
        where: ['validation'],
        message: `The validation set has ${samples} samples only.`,
        meaning: `Its loss moves by about ${percent(1 / Math.sqrt(samples))} of the spread between samples by chance alone: no choice can rest on it.`,
        remedy:
          'First check that the split is the one you meant: validationSplit takes a share, 0.2 and not 20 samples. Split ' +
          '70/20/10, or use cross-validation where data is that scarce.',
        values: { samples },
      },
    ]
  },
})
