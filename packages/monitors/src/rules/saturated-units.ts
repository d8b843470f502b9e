import { list, percent } from '../finding.js'
import type { LayerReading } from '../reading.js'
import { lastingRule } from './lasting-rule.js'
import { fullName, hiddenLayers } from './variables.js'

/** Hidden sigmoid or tanh values at the ends of their range, where the slope is almost 0. */
export const saturatedUnits = lastingRule<
  { where: string; layer: LayerReading; share: number },
  { share: number; patience: number; readings: number }
>({
  name: 'saturated-units',
  practice: 'P9',
  thresholds: { share: 0.5, patience: 20, readings: 3 },
  find(reading, { share: limit }) {
    if (reading.layers.length === 0) return undefined
    return hiddenLayers(reading, 'sigmoid', 'tanh').flatMap((layer) => {
      const share = layer.saturated ?? 0
      return share > limit ? [{ where: fullName(layer), layer, share }] : []
    })
  },
  describe(suspects) {
    const worst = suspects.reduce((most, next) => (next.share > most.share ? next : most))
    return {
      severity: 'warning',
      where: suspects.map(({ where }) => where),
      message:
        `Saturated units: ${percent(worst.share)} of the ${worst.layer.activation} outputs of ${worst.where} are within ` +
        `1 % of an end of their range. Concerned: ${list(suspects.map(({ where }) => where))}.`,
      meaning: 'The slope there is almost 0, so hardly any gradient passes through these layers.',
      remedy:
        'First scale the inputs to [-1, 1] or zero mean with unit variance: large inputs are the usual cause. Then check ' +
        'that weights start with σ = √(1/fan_in). If it comes during training, put batch or layer normalization in ' +
        'front of the activation, or use ReLU; lower the learning rate by a factor of 3 last.',
      values: { share: worst.share },
    }
  },
})
