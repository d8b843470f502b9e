import { type Draft, format, list, percent } from '../finding.js'
import type { LayerReading } from '../reading.js'
import { defineRule } from './rule.js'
import { fullName, hiddenLayers } from './variables.js'

/** Of the latest inputs of a layer: how many there were, and for how many each unit was active. */
interface Activity {
  rows: number
  readings: number
  active: number[]
  raised: boolean
}

interface Dying {
  where: string
  layer: LayerReading
  share: number
  rows: number
}

/**
 * ReLU units that are active for less than 1 % of the inputs, when they are more than half of a layer. Counted over
 * several looks, because a unit that is off for one small batch is nothing unusual.
 */
export const deadUnits = defineRule<
  Record<string, Activity>,
  { active: number; share: number; rows: number; readings: number }
>({
  name: 'dead-units',
  practice: 'P13',
  thresholds: { active: 0.01, share: 0.5, rows: 100, readings: 3 },
  initial: () => ({}),
  judge(reading, state, limits) {
    const dying = hiddenLayers(reading, 'relu').flatMap((layer): Dying[] => {
      const where = fullName(layer)
      state[where] ??= { rows: 0, readings: 0, active: [], raised: false }
      const activity = state[where]
      add(activity, layer, limits.rows)
      if (activity.rows < limits.rows || activity.readings < limits.readings) return []
      const dead = activity.active.filter((count) => count < limits.active * activity.rows).length
      const share = dead / Math.max(1, activity.active.length)
      if (share <= limits.share / 2) activity.raised = false
      if (share <= limits.share || activity.raised) return []
      activity.raised = true
      return [{ where, layer, share, rows: activity.rows }]
    })
    return dying.length > 0 ? [deadFinding(dying)] : []
  },
})

/** Older looks count half as much whenever there are twice as many inputs as needed. */
function add(activity: Activity, { active = [], rows }: LayerReading, enough: number): void {
  if (activity.rows >= 2 * enough) {
    activity.rows /= 2
    activity.active = activity.active.map((count) => count / 2)
  }
  activity.rows += rows
  activity.readings++
  activity.active = active.map((share, unit) => (activity.active[unit] ?? 0) + share * rows)
}

function deadFinding(dying: Dying[]): Draft {
  const { where, layer, share, rows } = dying.reduce((most, next) => (next.share > most.share ? next : most))
  const units = layer.active?.length ?? 0
  return {
    severity: 'warning',
    where: dying.map((suspect) => suspect.where),
    message:
      `Dead ReLUs: ${percent(share)} of the ${units} units of ${where} are active for less than 1 % of the latest ` +
      `${Math.round(rows)} inputs (mean output ${format(layer.summary.mean)}). Concerned: ${list(dying.map((suspect) => suspect.where))}.`,
    meaning:
      'A unit that is never active gets no gradient and stays dead: the layer is smaller than it looks.',
    remedy:
      'First rule out bugs and scaling: inputs far from zero mean, a bias that starts far below 0, weights that start ' +
      'with more than σ = √(2/fan_in). Then use leaky ReLU (slope 0.01) or PReLU in these layers. If units die during ' +
      'training, lower the learning rate by a factor of 3.',
    values: { share, units, inputs: Math.round(rows) },
  }
}
