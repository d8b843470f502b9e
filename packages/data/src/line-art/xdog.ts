import { type FloatPicture, gaussianBlur } from './gaussian-blur.js'

/** Options of `xdog`. */
export interface XdogOptions {
  /** Standard deviation of the narrow blur in pixels: the line width. Default 0.4. */
  sigma?: number
  /** The wide blur has `kappa * sigma`. Default 4.5. */
  kappa?: number
  /** Weight of the wide blur, 0 to 1; nearer to 1 finds fainter lines. Default 0.95. */
  gamma?: number
  /** The level below which a difference counts as line, in grey levels of 0 to 1. Default 0. */
  epsilon?: number
  /** Steepness of the step from line to paper; 1e9 draws in pure black and white. Default 1e9. */
  phi?: number
}

/**
 * The extended difference of Gaussians: edges of a grey picture (0 = black, 1 = white) as lines, 0 = ink, 1 = paper.
 *
 * `D = G(sigma) * I - gamma G(kappa sigma) * I`, with `*` for convolution; the result is 1 where `D >= epsilon`, else
 * `1 + tanh(phi (D - epsilon))`, from 0 to 1.
 *
 * Winnemöller, Kyprianidis, Olsen 2012, "XDoG: An eXtended difference-of-Gaussians compendium including advanced
 * image stylization" (`gamma` is called tau there).
 *
 * @throws {RangeError} for a sigma or kappa that is not positive.
 */
export function xdog(
  picture: FloatPicture,
  { sigma = 0.4, kappa = 4.5, gamma = 0.95, epsilon = 0, phi = 1e9 }: XdogOptions = {},
): FloatPicture {
  if (!(sigma > 0 && sigma <= 100 && kappa > 0 && kappa <= 100)) {
    throw new RangeError(
      `xdog: expected sigma and kappa above 0 and at most 100, got sigma=${sigma}, kappa=${kappa}. ` +
        'Choose e.g. sigma 0.4 and kappa 4.5.',
    )
  }
  const lines = gaussianBlur(picture, sigma)
  const wide = gaussianBlur(picture, kappa * sigma).data
  const { data } = lines
  for (let pixel = 0; pixel < data.length; pixel++) {
    const difference = data[pixel]! - gamma * wide[pixel]!
    data[pixel] = difference >= epsilon ? 1 : 1 + Math.tanh(phi * (difference - epsilon))
  }
  return lines
}
