import { landmarksOf, shareOf, valueAt } from './landmarks.js'
import { fitsFloat32, type Mapping } from './mapping.js'
import { normalQuantile, normalShare } from './normal-distribution.js'
import { type QuantileTables, quantileTables, sharesOfTensor, valuesOfTensor } from './quantile-tensors.js'

export type QuantileOutput = 'uniform' | 'normal'

/** Shares are kept this far from 0 and 1 for the normal distribution, where they would be infinite. */
const CLOSEST = 1e-7
const SMALLEST_SHARE = CLOSEST - Number.EPSILON

/**
 * Shares of the training data, or the values of a standard normal distribution with these shares.
 *
 * @param quantiles of each feature, as many for all, in ascending order.
 */
export function quantileMapping(
  quantiles: readonly Float64Array[],
  output: QuantileOutput,
  labels: readonly string[],
): Mapping {
  const landmarks = quantiles.map(landmarksOf)
  const normal = output === 'normal'
  let made: QuantileTables | undefined
  const tables = () => {
    made ??= quantileTables(quantiles, normal)
    return made
  }
  return {
    constant: landmarks.map(({ values }) => values.length === 1),
    forward: {
      number(value, feature) {
        const share = shareOf(landmarks[feature]!, value)
        if (!normal || Number.isNaN(share)) return share
        return normalQuantile(Math.min(Math.max(share, SMALLEST_SHARE), 1 - SMALLEST_SHARE))
      },
      tensor: (x, shape) => sharesOfTensor(x, shape, tables()),
    },
    inverse: {
      number(value, feature) {
        const share = normal ? beyondClosest(normalShare(value)) : value
        return valueAt(quantiles[feature]!, share)
      },
      tensor: (x, shape) => valuesOfTensor(x, shape, tables()),
    },
    checkFloat32(name) {
      const wrong = quantiles.findIndex(
        (each) => !fitsFloat32(each[0]!, each.at(-1)!, each.at(-1)! - each[0]!),
      )
      if (wrong < 0) return
      const [low, high] = [quantiles[wrong]![0], quantiles[wrong]!.at(-1)]
      throw new RangeError(
        `${name}: expected training values that float32 can hold for tensors, got ${low} to ${high} ` +
          `(feature ${labels[wrong]}). Pass rows or a Float64Array, or change the unit.`,
      )
    },
  }
}

function beyondClosest(share: number): number {
  if (share < CLOSEST) return 0
  return share > 1 - CLOSEST ? 1 : share
}
