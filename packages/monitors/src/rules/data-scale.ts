import { type Draft, finiteValues, format } from '../finding.js'
import type { BatchReading } from '../reading.js'
import { lastingRule } from './lasting-rule.js'

interface Suspect {
  where: 'inputs' | 'targets'
  kind: 'large' | 'small' | 'off-centre' | 'constant'
  batch: BatchReading
}

interface Limits extends Record<string, number> {
  large: number
  small: number
  centre: number
  target: number
  patience: number
  readings: number
}

/**
 * Inputs that are not near zero mean and unit size, and targets of a regression that are far too large. Pictures in
 * [0, 1] pass; class numbers and token ids have no scale.
 */
export const dataScale = lastingRule<Suspect, Limits>({
  name: 'data-scale',
  practice: 'P10',
  thresholds: { large: 20, small: 1e-3, centre: 10, target: 100, patience: 0, readings: 1 },
  find({ inputs, targets }, limits, { lossKind }) {
    if (!inputs && !targets) return undefined
    const regression = lossKind === 'meanSquaredError' || lossKind === 'meanAbsoluteError'
    const suspects: Suspect[] = []
    const kind = inputs && !inputs.discrete && faultOf(inputs, limits)
    if (inputs && kind) suspects.push({ where: 'inputs', kind, batch: inputs })
    if (targets && regression && rms(targets) > limits.target) {
      suspects.push({ where: 'targets', kind: 'large', batch: targets })
    }
    return suspects
  },
  describe(suspects): Draft {
    const [{ where, kind, batch }] = suspects as [Suspect]
    const { mean, std, min, max } = batch.summary
    const fault = {
      large: `The ${where} are not scaled`,
      small: `The ${where} are almost 0`,
      'off-centre': `The ${where} are not centred`,
      constant: `The ${where} are constant`,
    }[kind]
    return {
      severity: 'warning',
      where: suspects.map((suspect) => suspect.where),
      message: `${fault}: mean ${format(mean)}, standard deviation ${format(std)}, from ${format(min)} to ${format(max)}.`,
      meaning:
        kind === 'constant'
          ? 'Every sample looks the same to the network: there is nothing to learn from.'
          : where === 'targets'
            ? 'Outputs start near 0, so the first losses and gradients are huge and the learning rate fits nothing.'
            : 'Bad scaling is the most common cause of gradients that explode or vanish: first layers saturate or stand still.',
      remedy:
        kind === 'constant'
          ? 'First print a batch as the network gets it: pictures that failed to load, a column that was overwritten, a scaler with the wrong axis.'
          : where === 'targets'
            ? 'First scale the targets to zero mean and unit variance with the statistics of the training set, and turn predictions back with the same numbers.'
            : 'First scale the inputs to zero mean and unit variance, or to [-1, 1] (pictures: x / 127.5 − 1), with the statistics of the training set; use the same numbers for validation, test and serving.',
      values: finiteValues({ mean, std, min, max }),
    }
  },
})

function rms({ summary: { norm, size } }: BatchReading): number {
  return norm / Math.sqrt(size)
}

function faultOf(batch: BatchReading, { large, small, centre }: Limits): Suspect['kind'] | undefined {
  const { mean, std, min, max, norm } = batch.summary
  if (!Number.isFinite(norm)) return undefined
  if (min === max) return batch.batch > 1 ? 'constant' : undefined
  if (rms(batch) > large) return 'large'
  if (rms(batch) < small) return 'small'
  return Math.abs(mean) > centre * std ? 'off-centre' : undefined
}
