import { type Draft, finiteValues, format, percent } from '../finding.js'
import { median } from '../order-statistics.js'
import type { Reading } from '../reading.js'
import { lastingRule } from './lasting-rule.js'
import { defineRule } from './rule.js'
import { gradientNorms } from './variables.js'

/** Share of pairs of a real and a generated sample in which the real one has the higher score; ties count half. */
export function separation({ real, fake }: { real: number[]; fake: number[] }): number {
  let wins = 0
  for (const score of real) {
    for (const other of fake) wins += score > other ? 1 : score === other ? 0.5 : 0
  }
  return wins / (real.length * fake.length)
}

/** The discriminator tells every pair apart, look after look. */
export const discriminatorWins = lastingRule<
  { where: string; share: number },
  { separation: number; margin: number; patience: number; readings: number }
>({
  name: 'discriminator-wins',
  practice: 'P3',
  thresholds: { separation: 0.999, margin: 4, patience: 60, readings: 6 },
  find({ scores }, { separation: limit, margin: marginLimit }) {
    if (!scores) return undefined
    const share = separation(scores)
    const wide = mean(scores.real) - mean(scores.fake) > marginLimit || isCertain(scores)
    return share > limit && wide ? [{ where: 'discriminator', share }] : []
  },
  describe([suspect], { scores }) {
    const { share } = suspect!
    const { real, fake } = scores!
    return {
      severity: 'warning',
      where: ['discriminator'],
      message:
        `The discriminator wins outright: real samples score higher than generated ones in ${percent(share)} of all pairs ` +
        `(mean ${format(mean(real))} against ${format(mean(fake))}).`,
      meaning: 'The generator hears that everything it makes is wrong, and not in which direction to go.',
      remedy:
        'First rule out a give-away: real samples in another range than generated ones, compression, padding, labels that ' +
        'only one side has. Then weaken the discriminator: a learning rate of a half or less, fewer filters, real labels of ' +
        '0.9, spectral normalization or R1, noise on its inputs; train the generator with the non-saturating loss.',
      values: finiteValues({ separation: share, real: mean(real), fake: mean(fake) }),
    }
  },
})

/** Both kinds at the two ends of [0, 1]: probabilities that leave no doubt. */
function isCertain({ real, fake }: { real: number[]; fake: number[] }): boolean {
  const all = [...real, ...fake]
  return all.every((score) => score >= 0 && score <= 1) && mean(real) > 0.98 && mean(fake) < 0.02
}

/** The discriminator tells nothing apart, although the outputs are still far from the targets. */
export const discriminatorLoses = lastingRule<
  { where: string; share: number; difference: number },
  { separation: number; difference: number; patience: number; readings: number }
>({
  name: 'discriminator-loses',
  practice: 'P3',
  thresholds: { separation: 0.6, difference: 0.5, patience: 80, readings: 8 },
  find({ scores, outputs, targets }, { separation: limit, difference: differenceLimit }) {
    if (!scores || !outputs || !targets) return undefined
    const share = separation(scores)
    const difference =
      (Math.abs(outputs.summary.mean - targets.summary.mean) +
        Math.abs(outputs.summary.std - targets.summary.std)) /
      Math.max(1e-6, targets.summary.std)
    return share < limit && difference > differenceLimit
      ? [{ where: 'discriminator', share, difference }]
      : []
  },
  describe([suspect], { outputs, targets }) {
    const { share, difference } = suspect!
    return {
      severity: 'warning',
      where: ['discriminator'],
      message:
        `The discriminator loses outright: real samples score higher than generated ones in ${percent(share)} of all pairs, ` +
        `a coin toss, while outputs (mean ${format(outputs!.summary.mean)}, σ ${format(outputs!.summary.std)}) are far from ` +
        `the targets (mean ${format(targets!.summary.mean)}, σ ${format(targets!.summary.std)}).`,
      meaning: 'The generator is judged by a network that sees no difference: it gets no direction.',
      remedy:
        'First look for a bug: is the discriminator updated at all, are its variables in the list, does it see real and ' +
        'generated samples with the right labels? Then give it a higher learning rate or more updates per step.',
      values: finiteValues({ separation: share, difference }),
    }
  },
})

interface StarvingState {
  norms: number[]
  low: number
  raised: boolean
}

/** The generator's gradient has shrunk to almost nothing since the start. */
export const generatorStarves = defineRule<
  StarvingState,
  { ratio: number; history: number; readings: number }
>({
  name: 'generator-starves',
  practice: 'P9',
  thresholds: { ratio: 1e-3, history: 3, readings: 4 },
  initial: () => ({ norms: [], low: 0, raised: false }),
  judge(reading, state, { ratio, history, readings }, { gan }) {
    const norms = gradientNorms(reading)
    const [generator, discriminator] = [norms.get('generator'), norms.get('discriminator')]
    if (!gan || generator === undefined || !Number.isFinite(generator)) return []
    if (state.norms.length < history) {
      state.norms.push(generator)
      return []
    }
    const usual = median(state.norms)
    state.low = generator <= ratio * usual ? state.low + 1 : 0
    if (state.low === 0) state.raised = false
    if (state.raised || state.low < readings) return []
    state.raised = true
    return [
      {
        severity: 'warning',
        where: ['generator'],
        message:
          `The generator's gradient starves: its norm is ${format(generator)}, at the start it was ${format(usual)}` +
          `${discriminator === undefined ? '' : `; the discriminator's is ${format(discriminator)}`}.`,
        meaning:
          'The discriminator has become certain, and its slope at generated samples is almost 0: the generator stands still.',
        remedy:
          'First check the loss of the generator: it should be −log D(G(x)) or a hinge on raw scores, not log(1 − D(G(x))), ' +
          'and no sigmoid should be applied twice. Then weaken the discriminator: a lower learning rate, spectral ' +
          'normalization, real labels of 0.9.',
        values: finiteValues({ norm: generator, usual }),
      },
    ]
  },
})

/** Outputs that hardly change with the input, though the targets do. */
export const collapsedOutputs = lastingRule<
  { where: string; outputs: number; targets: number },
  { ratio: number; patience: number; readings: number; warmup: number }
>({
  name: 'collapsed-outputs',
  practice: 'P3',
  thresholds: { ratio: 0.05, patience: 50, readings: 5, warmup: 50 },
  find({ outputs, targets, step }, { ratio, warmup }, { gan }) {
    if (!gan || !outputs || !targets || outputs.batch < 2) return undefined
    if (step < warmup) return []
    return outputs.batchStd < ratio * targets.batchStd
      ? [{ where: 'generator', outputs: outputs.batchStd, targets: targets.batchStd }]
      : []
  },
  describe([suspect], { outputs: reading }) {
    const { outputs, targets } = suspect!
    return {
      severity: 'warning',
      where: ['generator'],
      message:
        `Outputs are the same for different inputs: over the ${reading!.batch} samples of a batch they vary by ` +
        `${format(outputs)}, the targets by ${format(targets)}.`,
      meaning:
        'The generator has collapsed: it makes one sample that the discriminator accepts, whatever it is given.',
      remedy:
        'First look for a bug: inputs that do not reach the generator, a dead layer, noise that is drawn once. Then go back ' +
        'to a checkpoint before the collapse and give the discriminator a way to see it: minibatch statistics, spectral ' +
        'normalization, a smaller generator learning rate, a content loss (L1) beside the adversarial one.',
      values: finiteValues({ outputs, targets }),
    }
  },
})

interface WashedState {
  ratios: number[]
  raised: boolean
}

/** Colours that stay far paler than those of the targets and do not become better. */
export const washedOutColours = defineRule<WashedState, { ratio: number; warmup: number; readings: number }>({
  name: 'washed-out-colours',
  practice: 'P3',
  thresholds: { ratio: 0.5, warmup: 100, readings: 6 },
  initial: () => ({ ratios: [], raised: false }),
  judge(reading, state, { ratio: limit, warmup, readings }, { gan }) {
    const ratio = gan ? saturationRatio(reading) : undefined
    if (ratio === undefined || !Number.isFinite(ratio)) return []
    state.ratios = [...state.ratios, ratio].slice(-2 * readings)
    if (ratio >= limit) state.raised = false
    const [earlier, latest] = [state.ratios.slice(0, -readings), state.ratios.slice(-readings)]
    const pale = latest.length === readings && latest.every((value) => value < limit)
    const better = earlier.length === 0 || median(latest) > 1.1 * median(earlier)
    if (state.raised || reading.step < warmup || !pale || better) return []
    state.raised = true
    return [washedOut(reading, ratio)]
  },
})

function saturationRatio({ outputs, targets }: Reading): number | undefined {
  const [output, target] = [outputs?.saturation, targets?.saturation]
  return output === undefined || target === undefined || !(target > 0.01) ? undefined : output / target
}

function washedOut({ outputs, targets }: Reading, ratio: number): Draft {
  return {
    severity: 'warning',
    where: ['generator'],
    message:
      `Colours wash out: the outputs have ${percent(ratio)} of the saturation of the targets (largest − smallest channel: ` +
      `${format(outputs!.saturation!)} against ${format(targets!.saturation!)}), and it does not rise.`,
    meaning: 'Where several colours are possible, L1 and L2 losses settle for their mean, which is grey.',
    remedy:
      'First compare a batch of outputs and targets in the same range, channels in the same order. Then raise the weight of ' +
      'the adversarial loss against L1, or predict colour apart from lightness; colour hints or a reference tell the ' +
      'network which colour is meant.',
    values: finiteValues({ ratio, outputs: outputs!.saturation!, targets: targets!.saturation! }),
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
