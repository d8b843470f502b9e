import { checkKeys } from '../check-keys.js'
import { seededRandom } from '../random.js'
import type { Sampler } from '../sampler.js'
import { paramsAt } from '../unit-interval.js'

/** Draws every parameter independently. Bergstra and Bengio 2012, "Random Search for Hyper-Parameter Optimization". */
export function randomSampler(options: { seed: number }): Sampler {
  checkKeys('randomSampler', options, ['seed'])
  return {
    suggest: ({ space, trials }) => ({
      params: paramsAt(space, seededRandom(options.seed, `random ${trials.length}`)),
    }),
  }
}
