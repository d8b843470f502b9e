import { medianOf, type StrangeSample } from './audit-report.js'
import type { Examination } from './examine-sample.js'

/** What samples are compared by, with the least spread that counts as normal in the feature's own unit. */
const features: { name: string; floor: number; of: (sample: Examination) => number }[] = [
  { name: 'number of pixels', floor: 0.2, of: ({ header }) => Math.log(header.width * header.height) },
  { name: 'aspect', floor: 0.1, of: ({ header }) => Math.log(header.width / header.height) },
  {
    name: 'bytes per pixel',
    floor: 0.3,
    of: ({ header }) => Math.log(header.bytes / (header.width * header.height)),
  },
  { name: 'lightness', floor: 10, of: ({ lightness }) => lightness.mean },
  { name: 'spread of lightness', floor: 8, of: ({ lightness }) => lightness.deviation },
  { name: 'amount of colour', floor: 0.05, of: ({ coloured }) => coloured },
  { name: 'amount of strong colour', floor: 0.05, of: ({ saturated }) => saturated },
  { name: 'amount of red and yellow', floor: 0.1, of: ({ colours }) => hueShare(colours.hue, [11, 0, 1, 2]) },
  { name: 'amount of green and cyan', floor: 0.1, of: ({ colours }) => hueShare(colours.hue, [3, 4, 5, 6]) },
  {
    name: 'amount of blue and violet',
    floor: 0.1,
    of: ({ colours }) => hueShare(colours.hue, [7, 8, 9, 10]),
  },
]

// The median absolute deviation of a normal distribution, times this, is its standard deviation.
const normalFactor = 1.4826
const mostDeviations = 20

function hueShare(hue: readonly number[], bins: readonly number[]): number {
  return bins.reduce((sum, bin) => sum + hue[bin]!, 0)
}

/**
 * The samples that are least like the others. For each feature the distance from the median is taken in robust standard
 * deviations (1.4826 times the median absolute deviation, or a floor), at most 20; the score is their root mean square.
 */
export function findStrangest(
  samples: readonly { readonly id: string; readonly examination: Examination }[],
  count = 20,
): StrangeSample[] {
  const deviations = features.map(({ floor, of }) => {
    const values = samples.map(({ examination }) => of(examination))
    const median = medianOf([...values].sort((a, b) => a - b))
    const spread = medianOf(values.map((value) => Math.abs(value - median)).sort((a, b) => a - b))
    const unit = Math.max(floor, normalFactor * spread)
    return values.map((value) => Math.max(-mostDeviations, Math.min(mostDeviations, (value - median) / unit)))
  })
  const scored = samples.map(({ id }, index) => {
    const own = deviations.map((values) => values[index]!)
    const farthest = own.reduce((most, value, at) => (Math.abs(value) > Math.abs(own[most]!) ? at : most), 0)
    const score = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0) / own.length)
    return { id, score, why: `${own[farthest]! < 0 ? 'low' : 'high'} ${features[farthest]!.name}` }
  })
  return scored.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, count)
}
