import type { Sampler } from '../src/sampler.js'
import { type Params, parameterOf, type Space } from '../src/space.js'
import type { Direction, Trial } from '../src/trial.js'

/** The trials of a study that computes its values at once; fewer than `count` if the sampler is done. */
export function simulate(
  space: Space,
  sampler: Sampler,
  count: number,
  evaluate: (params: Params) => number | number[],
  directions: Direction[] = ['minimize'],
): Trial[] {
  const trials: Trial[] = []
  while (trials.length < count) {
    const next = sampler.suggest({ space, directions, trials })
    if (next === 'wait') throw new Error('nothing is running')
    if (next === 'done') break
    const own = Object.keys(next.params).map((name) => [name, parameterOf(space[name]!)])
    trials.push({
      id: trials.length,
      number: trials.length,
      state: 'complete',
      params: next.params,
      distributions: { ...Object.fromEntries(own), ...next.distributions },
      values: [evaluate(next.params)].flat(),
      reports: new Map(),
      notes: {},
      started: undefined,
      ended: undefined,
    })
  }
  return trials
}
