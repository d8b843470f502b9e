// Without TensorFlow.js, for commands that have to start fast.

export {
  type CompareArgs,
  type Comparison,
  compareWithBaseline,
  type Measurements,
} from './statistics/compare.js'
export { type PairedEffect, pairedEffect } from './statistics/paired-effect.js'
export { seededRandom } from './statistics/seeded-random.js'
