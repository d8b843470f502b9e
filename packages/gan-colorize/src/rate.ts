import { oneCycle } from '@dlkit/optimizers'
import type { Config } from './config.js'

/** Stairs of a cycle: a replayed step is recorded anew when its rate changes. */
const STAIRS = 100
const RISE = 0.2

/** The share of the learning rates that holds at a step, counted from 1. */
export function rateAt({ steps, optimizer }: Pick<Config, 'steps' | 'optimizer'>, step: number): number {
  if (optimizer.schedule === 'constant' || RISE * steps <= 2) return 1
  const stair = Math.max(1, Math.round(steps / STAIRS))
  return oneCycle({ peak: 1, steps, rise: RISE })(Math.floor((step - 1) / stair) * stair)
}
