import type { Finding } from '@dlkit/monitors'
import type { Evaluation } from './evaluate.js'

const FEWEST_PICTURES = 5
const LEAST_SHARE = 0.15
/** Below this the artist's own colours are too grey, or too much of one hue, to compare with. */
const LEAST_OF_ARTIST = { saturation: 0.02, variety: 0.1 }

/** A finding when the model paints grey, or everything in one tint, where the artist did not. */
export function colourCollapse({ count, colours }: Evaluation, step: number): Finding | undefined {
  if (count < FEWEST_PICTURES) return undefined
  const { model, artist } = colours
  const lost = (['saturation', 'variety'] as const).find(
    (measure) =>
      artist[measure] >= LEAST_OF_ARTIST[measure] && model[measure] < LEAST_SHARE * artist[measure],
  )
  if (lost === undefined) return undefined
  const what =
    lost === 'saturation' ? 'The results are nearly grey' : 'The results are nearly all of one tint'
  return {
    rule: 'colour-collapse',
    severity: 'warning',
    step,
    where: ['generator'],
    message: `${what}: ${lost} ${model[lost].toFixed(3)}, the artist's ${artist[lost].toFixed(3)}.`,
    meaning:
      'The network has learned the average colour of its training pictures, and little of what they show.',
    remedy:
      'Train longer, on more pictures, or with a lower loss.l1Weight, which rewards the average colour.',
    practice: 'P3',
    values: { model: model[lost], artist: artist[lost] },
  }
}
