import { format } from '../finding.js'
import type { Reading } from '../reading.js'
import { fullName } from '../rules/variables.js'

/** One row per kernel: how its gradient, its updates and the results of its layer look. */
export interface LayerRow {
  name: string
  gradient: string
  update: string
  activation: string
  /** Share of units that are never active, or of values at the ends of their range. */
  idle: string
}

function layerRows({ variables, layers }: Reading): LayerRow[] {
  return variables
    .filter(({ role, gradient, updateNorm }) => role === 'kernel' && (gradient ?? updateNorm) !== undefined)
    .map((variable) => {
      const { gradient, weight, updateNorm, network } = variable
      const layer = layers.find((entry) => entry.name === variable.layer && entry.network === network)
      const dead = layer?.active && layer.active.filter((share) => share < 0.01).length / layer.active.length
      const idle = layer?.saturated ?? dead
      const hasRatio = updateNorm !== undefined && weight !== undefined && weight.norm > 0
      return {
        name: fullName(variable),
        gradient: gradient && gradient !== 'missing' ? format(gradient.norm) : '–',
        update: hasRatio ? format(updateNorm / weight.norm) : '–',
        activation: layer ? `${format(layer.summary.mean)} ± ${format(layer.summary.std)}` : '–',
        idle: idle === undefined ? '–' : `${Math.round(100 * idle)} %`,
      }
    })
}

/** Keeps the latest layers and losses of readings that show only a part. */
export class LatestReading {
  losses: Record<string, number> = {}
  rows: LayerRow[] = []
  learningRates: Record<string, number> = {}
  step = 0

  add(reading: Reading): void {
    this.step = reading.step
    for (const { values } of reading.losses) this.losses = { ...this.losses, ...values }
    if (reading.validation) this.losses = { ...this.losses, validation: reading.validation.loss }
    const rows = layerRows(reading)
    if (rows.length > 0) this.rows = rows
    this.learningRates = reading.learningRates
  }

  /** `step 20 · loss 0.53 · learning rate 0.001` */
  get summary(): string {
    const losses = Object.entries(this.losses)
      .filter(([name]) => name !== 'dataLoss' || this.losses.penalty)
      .filter(([name, value]) => name !== 'penalty' || value !== 0)
      .map(([name, value]) => `${name === 'dataLoss' ? 'data' : name} ${format(value)}`)
    const rates = Object.entries(this.learningRates)
      .filter(([, rate]) => Number.isFinite(rate))
      .map(([network, rate]) => `${network ? `${network} ` : ''}learning rate ${format(rate)}`)
    return [`step ${this.step}`, ...losses, ...rates].join(' · ')
  }
}
