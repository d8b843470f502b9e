/**
 * Where each pixel of a changed picture comes from: the pixel at `(x, y)` from the centre shows what lay at
 * `(a x + b y + c, d x + e y + f)` from the centre, in pixels.
 */
export type AffineMap = readonly [a: number, b: number, c: number, d: number, e: number, f: number]

/** How far the geometry of a picture may change. What is left out does not change. */
export interface GeometryOptions {
  /** How often pictures are mirrored left to right, 0 to 1. */
  flip?: number
  /** Largest turn in degrees, to either side. */
  rotate?: number
  /** Least share of the side that a random crop keeps, above 0 to 1; the crop is enlarged to the full size. */
  crop?: number
  /** Largest shift as a share of the side, 0 to 1, in each direction. */
  shift?: number
  /** Largest shear in degrees, below 90, to either side. */
  shear?: number
  /** Largest factor of size, from 1; pictures grow or shrink by up to this. */
  scale?: number
}

/** Numbers from 0 to 1 that choose one change. */
export type Draws = Readonly<
  Record<'flip' | 'rotate' | 'crop' | 'cropX' | 'cropY' | 'shiftX' | 'shiftY' | 'shear' | 'scale', number>
>

/**
 * The change of a `size x size` picture that the draws choose: cropped and enlarged, then mirrored, scaled, sheared
 * (`x + tan(angle) y`), turned and shifted.
 */
export function geometryOf(options: GeometryOptions, draws: Draws, size: number): AffineMap {
  const { flip = 0, rotate = 0, crop = 1, shift = 0, shear = 0, scale = 1 } = options
  const signed = (draw: number, most: number): number => (2 * draw - 1) * most
  const angle = radians(signed(draws.rotate, rotate))
  const lean = Math.tan(radians(signed(draws.shear, shear)))
  const growth = scale ** signed(draws.scale, 1)
  const kept = 1 - draws.crop * (1 - crop)
  const mirror = draws.flip < flip ? -1 : 1
  const moved = (draw: number): number => signed(draw, shift * size)
  const cut = (draw: number): number => signed(draw, ((1 - kept) / 2) * size)

  // From the changed picture back to the original one: each step undone, in reverse order.
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const [shiftX, shiftY] = [moved(draws.shiftX), moved(draws.shiftY)]
  const upright = (x: number, y: number): [number, number] => [cos * x + sin * y, -sin * x + cos * y]
  const back = (x: number, y: number): [number, number] => {
    const [turnedX, turnedY] = upright(x, y)
    return [((turnedX - lean * turnedY) / growth) * mirror * kept, (turnedY / growth) * kept]
  }
  const [a, d] = back(1, 0)
  const [b, e] = back(0, 1)
  const [c, f] = back(-shiftX, -shiftY)
  return [a, b, c + cut(draws.cropX), d, e, f + cut(draws.cropY)]
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180
}

/**
 * A square picture (`size * size * channels` values) changed by a map: linear between the four nearest pixels, with
 * `fill` beyond the border.
 */
export function warp(values: Float32Array, size: number, map: AffineMap, fill: number): Float32Array {
  const channels = values.length / (size * size)
  const rowLength = size * channels
  const [a, b, c, d, e, f] = map
  const middle = (size - 1) / 2
  const last = size - 1
  const at = (x: number, y: number, channel: number): number =>
    x >= 0 && y >= 0 && x < size && y < size ? values[(y * size + x) * channels + channel]! : fill
  const changed = new Float32Array(values.length)
  let to = 0
  for (let row = 0; row < size; row++) {
    const startX = b * (row - middle) + c + middle
    const startY = e * (row - middle) + f + middle
    for (let column = 0; column < size; column++) {
      const x = a * (column - middle) + startX
      const y = d * (column - middle) + startY
      const left = Math.floor(x)
      const top = Math.floor(y)
      const right = x - left
      const lower = y - top
      const upperLeft = (1 - right) * (1 - lower)
      const upperRight = right * (1 - lower)
      const lowerLeft = (1 - right) * lower
      const lowerRight = right * lower
      const isInside = left >= 0 && top >= 0 && left < last && top < last
      const from = (top * size + left) * channels
      for (let channel = 0; channel < channels; channel++) {
        const corner = from + channel
        changed[to++] = isInside
          ? upperLeft * values[corner]! +
            upperRight * values[corner + channels]! +
            lowerLeft * values[corner + rowLength]! +
            lowerRight * values[corner + rowLength + channels]!
          : upperLeft * at(left, top, channel) +
            upperRight * at(left + 1, top, channel) +
            lowerLeft * at(left, top + 1, channel) +
            lowerRight * at(left + 1, top + 1, channel)
      }
    }
  }
  return changed
}
