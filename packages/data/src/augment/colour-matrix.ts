/** The weights of red, green and blue in one channel, and a constant. */
type ColourRow = readonly [red: number, green: number, blue: number, constant: number]

/** What a colour in [0, 1] becomes, before it is clipped: a row for each channel. */
export type ColourMatrix = readonly [red: ColourRow, green: ColourRow, blue: ColourRow]

/** How far colours may change. What is left out does not change. */
export interface ColourOptions {
  /** Largest turn of the hue in degrees, to either side. */
  hue?: number
  /** Largest factor of saturation, from 1: colours grow stronger or paler by up to this. */
  saturation?: number
  /** Largest factor of brightness, from 1. */
  exposure?: number
  /** Largest factor of the distance from middle grey, from 1. */
  contrast?: number
}

/** Numbers from 0 to 1 that choose one change of colours. */
export type ColourDraws = Readonly<Record<keyof ColourOptions, number>>

/** The change that the draws choose: hue, then saturation, exposure and contrast, as one matrix. */
export function colourMatrixOf(options: ColourOptions, draws: ColourDraws): ColourMatrix {
  const { hue = 0, saturation = 1, exposure = 1, contrast = 1 } = options
  const factor = (most: number, draw: number): number => most ** (2 * draw - 1)
  return [
    saturate(factor(saturation, draws.saturation)),
    expose(factor(exposure, draws.exposure)),
    stretch(factor(contrast, draws.contrast)),
  ].reduce((all, next) => multiply(next, all), turnHue((2 * draws.hue - 1) * hue))
}

/** The share of red, green and blue in the luminance of linear sRGB, as the W3C filters use it. */
const luminance = [0.213, 0.715, 0.072] as const

/** `hue-rotate` of the W3C Filter Effects (2018, section 9.2): a turn about the axis of greys that keeps luminance. */
export function turnHue(degrees: number): ColourMatrix {
  const cos = Math.cos((degrees * Math.PI) / 180)
  const sin = Math.sin((degrees * Math.PI) / 180)
  const [r, g, b] = luminance
  return [
    [r + cos * (1 - r) - sin * r, g - cos * g - sin * g, b - cos * b + sin * (1 - b), 0],
    [r - cos * r + sin * 0.143, g + cos * (1 - g) + sin * 0.14, b - cos * b - sin * 0.283, 0],
    [r - cos * r - sin * (1 - r), g - cos * g + sin * g, b + cos * (1 - b) + sin * b, 0],
  ]
}

/** `saturate` of the W3C Filter Effects: 0 gives greys, 1 changes nothing. */
export function saturate(factor: number): ColourMatrix {
  const row = (own: number): ColourRow => {
    const [r, g, b] = luminance.map((share, channel) => share * (1 - factor) + (channel === own ? factor : 0))
    return [r!, g!, b!, 0]
  }
  return [row(0), row(1), row(2)]
}

function expose(factor: number): ColourMatrix {
  return diagonal(factor, 0)
}

function stretch(factor: number): ColourMatrix {
  return diagonal(factor, 0.5 * (1 - factor))
}

function diagonal(factor: number, constant: number): ColourMatrix {
  return [
    [factor, 0, 0, constant],
    [0, factor, 0, constant],
    [0, 0, factor, constant],
  ]
}

/** The matrix that does `first`, then `second`. */
function multiply(second: ColourMatrix, first: ColourMatrix): ColourMatrix {
  const row = ([red, green, blue, constant]: ColourRow): ColourRow => {
    const sum = (column: 0 | 1 | 2 | 3): number =>
      red * first[0][column] + green * first[1][column] + blue * first[2][column]
    return [sum(0), sum(1), sum(2), sum(3) + constant]
  }
  return [row(second[0]), row(second[1]), row(second[2])]
}

/** The same change for values in [-1, 1]: with `v = 2 c - 1`, `c' = M c + k` becomes `v' = M v + M 1 + 2 k - 1`. */
export function signedMatrix(matrix: ColourMatrix): ColourMatrix {
  const row = ([r, g, b, constant]: ColourRow): ColourRow => [r, g, b, r + g + b + 2 * constant - 1]
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])]
}

/** Changes RGB values in [-1, 1] in place, clipped. */
export function recolour(values: Float32Array, matrix: ColourMatrix): void {
  const [toRed, toGreen, toBlue] = signedMatrix(matrix)
  const mix = (weights: ColourRow, red: number, green: number, blue: number): number =>
    Math.max(-1, Math.min(1, weights[0] * red + weights[1] * green + weights[2] * blue + weights[3]))
  for (let at = 0; at < values.length; at += 3) {
    const red = values[at]!
    const green = values[at + 1]!
    const blue = values[at + 2]!
    values[at] = mix(toRed, red, green, blue)
    values[at + 1] = mix(toGreen, red, green, blue)
    values[at + 2] = mix(toBlue, red, green, blue)
  }
}
