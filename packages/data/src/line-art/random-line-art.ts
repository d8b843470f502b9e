import { between, chance, logBetween, type Random } from '../random.js'
import type { LineArtOptions } from './line-art.js'
import type { LineStroke } from './line-jitter.js'

/** How line art is drawn from colour pictures: by one method, or by each in turn, chosen at random per picture. */
export type Extractor = 'xdog' | 'adaptive' | 'dilation' | 'dodge' | 'mixed'

/** How much the strokes of line art may change. */
export interface LineJitter {
  /** Most change of the thickness, 0 to 1: 1 is a pixel more or less on each side at twice the final size. */
  thickness?: number
  /** Darkest to lightest ink: how much of its darkness it may lose, 0 to 1. */
  darkness?: number
}

// XDoG is the nearest to drawings by hand; the others keep a net from learning one extractor by heart.
const mixture: readonly [share: number, extractor: Exclude<Extractor, 'mixed'>][] = [
  [0.4, 'xdog'],
  [0.2, 'adaptive'],
  [0.2, 'dilation'],
  [0.2, 'dodge'],
]

/**
 * A way to draw the line art of one picture, with parameters taken from `random`. `scale` is how many times larger
 * than the final size the picture is while it is drawn.
 */
export function randomLineArt(extractor: Extractor, scale: number, random: Random): LineArtOptions {
  const chosen = extractor === 'mixed' ? randomExtractor(random) : extractor
  if (chosen === 'adaptive') return { extractor: 'adaptive', block: 9, offset: between(2, 6, random) / 255 }
  if (chosen === 'dilation') return { extractor: 'dilation', block: 3, gain: between(1.5, 3, random) }
  if (chosen === 'dodge') {
    return { extractor: 'dodge', sigma: scale * between(0.7, 1.5, random), strength: between(2, 5, random) }
  }
  // Half of them in pure black and white, half with soft edges.
  const phi = chance(0.5, random) ? 1e9 : logBetween(10, 200, random)
  return {
    extractor: 'xdog',
    sigma: scale * between(0.3, 0.5, random),
    epsilon: between(-0.01, 0, random),
    phi,
  }
}

function randomExtractor(random: Random): Exclude<Extractor, 'mixed'> {
  let left = between(0, 1, random)
  for (const [share, extractor] of mixture) {
    left -= share
    if (left < 0) return extractor
  }
  return 'xdog'
}

/** A change of strokes within the limits of `jitter`. */
export function randomStroke({ thickness = 0, darkness = 0 }: LineJitter, random: Random): LineStroke {
  return { thickness: between(-thickness, thickness, random), darkness: between(1 - darkness, 1, random) }
}

/** Throws a RangeError for an unknown extractor and a jitter outside 0 to 1. */
export function checkLineArt(extractor: Extractor, jitter: LineJitter, caller: string): void {
  const known = ['xdog', 'adaptive', 'dilation', 'dodge', 'mixed']
  if (!known.includes(extractor)) {
    throw new RangeError(
      `${caller}: expected extractor to be one of ${known.join(', ')}, got ${JSON.stringify(extractor)}. ` +
        "Choose 'mixed'.",
    )
  }
  for (const [name, value] of Object.entries(jitter)) {
    if (!(value >= 0 && value <= 1)) {
      throw new RangeError(
        `${caller}: expected jitter.${name} from 0 to 1, got ${value}. Choose e.g. thickness 0.5, darkness 0.3.`,
      )
    }
  }
}
