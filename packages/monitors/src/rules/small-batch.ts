import { finiteValues, format } from '../finding.js'
import { interquartileRange, median } from '../order-statistics.js'
import type { Reading } from '../reading.js'
import { batchSize } from './batches.js'
import { dataLosses } from './loss-names.js'
import { defineRule } from './rule.js'
import { withGradients } from './variables.js'

interface State {
  /** Of the latest pairs of neighbouring steps: `g(t)·g(t−1)` and `‖g‖²`. */
  pairs: { product: number; square: number }[]
  losses: number[]
  first: number | null
  over: boolean
}

const PAIRS = 20
/** Losses that it takes to know their spread. */
const LOSSES = 50

/**
 * Gradient noise. Gradients of neighbouring steps share the true gradient G and differ in their noise, so
 * `E[g(t)·g(t−1)] ≈ ‖G‖²` and `E‖g‖² ≈ ‖G‖² + tr(Σ)/B`; the noise of a batch in units of the signal is
 * `E‖g‖² / E[g(t)·g(t−1)] − 1` (McCandlish et al. 2018, arXiv:1812.06162, section 2.2).
 */
export const smallBatch = defineRule<State, { noise: number; batch: number; swing: number; pairs: number }>({
  name: 'small-batch',
  practice: 'P22',
  thresholds: { noise: 4, batch: 4, swing: 0.5, pairs: 8 },
  initial: () => ({ pairs: [], losses: [], first: null, over: false }),
  judge(reading, state, { noise: limit, batch: batchLimit, swing: swingLimit, pairs: needed }, { gan }) {
    // Two players change each other's gradients; that is no noise.
    if (gan) return []
    const pair = pairOf(reading)
    if (pair) state.pairs = [...state.pairs, pair].slice(-PAIRS)
    const losses = dataLosses(reading)
    state.first ??= losses[0] ?? null
    state.losses = [...state.losses, ...losses].slice(-100)
    const batch = batchSize(reading)
    if (state.over || batch === undefined || batch > batchLimit || state.pairs.length < needed) return []
    if (state.losses.length < LOSSES) return []
    const square = mean(state.pairs.map((entry) => entry.square))
    const product = mean(state.pairs.map((entry) => entry.product))
    const noise = square / Math.max(product, 1e-3 * square) - 1
    const level = median(state.losses)
    const swing = interquartileRange(state.losses)
    const learning = state.first !== null && level < 0.3 * state.first
    if (noise < limit || swing < swingLimit * level || learning) return []
    state.over = true
    return [
      {
        severity: 'warning',
        where: ['batch'],
        message:
          `The batch is too small: with ${batch} ${batch === 1 ? 'sample' : 'samples'} the noise of the gradient is ` +
          `${format(noise)} times its signal, and half of the losses are ${format(swing / 2)} or more away from their level of ${format(level)}.`,
        meaning: 'Steps go in random directions that only cancel out over many of them.',
        remedy:
          'First double the batch, up to 16 or 32, and then leave it: other settings depend on it. If memory is short, add ' +
          'up the gradients of several batches. Lower the learning rate only after that.',
        values: finiteValues({ batch, noise, level, swing }),
      },
    ]
  },
})

function pairOf(reading: Reading): { product: number; square: number } | undefined {
  const gradients = withGradients(reading).filter(({ gradientProduct }) => gradientProduct !== undefined)
  if (gradients.length === 0) return undefined
  const product = gradients.reduce((sum, { gradientProduct }) => sum + gradientProduct!, 0)
  const square = gradients.reduce((sum, { gradient }) => sum + gradient.norm ** 2, 0)
  return Number.isFinite(product + square) ? { product, square } : undefined
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
