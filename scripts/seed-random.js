import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

// Whatever TensorFlow.js draws without a seed – first weights, the order in `fit` – comes from Math.random.

/** Starts Math.random from the seed, so that what a program draws does not depend on the day. */
export function seedRandom(seed = 1) {
  const generator = xoroshiro128plus(seed)
  Math.random = () => uniformFloat64(generator)
}

seedRandom()
