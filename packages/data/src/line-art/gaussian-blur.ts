/** A one-channel picture in floating point, row by row. */
export interface FloatPicture {
  readonly width: number
  readonly height: number
  readonly data: Float32Array
}

/**
 * Gaussian blur with standard deviation `sigma` in pixels. The kernel reaches 4 sigma; beyond the border the
 * picture is mirrored, the border pixel included (`d c b a | a b c d | d c b a`), as in scipy.ndimage.
 */
export function gaussianBlur({ width, height, data }: FloatPicture, sigma: number): FloatPicture {
  const weights = halfKernel(sigma)
  const radius = weights.length - 1
  const rows = scratchOf(data.length)
  const blurred = new Float32Array(data.length)
  const padded = new Float64Array(width + 2 * radius)
  const offsets = Int32Array.from({ length: 2 * radius + 1 }, (_, shift) => shift)
  for (let start = 0; start < data.length; start += width) {
    for (let x = 0; x < width; x++) padded[x + radius] = data[start + x]!
    for (let x = -radius; x < 0; x++) padded[x + radius] = data[start + mirrored(x, width)]!
    for (let x = width; x < width + radius; x++) padded[x + radius] = data[start + mirrored(x, width)]!
    addWeighted(padded, offsets, weights, rows, start, width)
  }
  for (let y = 0; y < height; y++) {
    for (let shift = -radius; shift <= radius; shift++) {
      offsets[shift + radius] = mirrored(y + shift, height) * width
    }
    addWeighted(rows, offsets, weights, blurred, y * width, width)
  }
  return { width, height, data: blurred }
}

// Kept between calls: fresh memory of this size costs as much as a third of the blur.
let scratch = new Float64Array()

function scratchOf(length: number): Float64Array {
  if (scratch.length < length) scratch = new Float64Array(length)
  return scratch
}

/**
 * Writes sums of the lines of `values` that begin at the offsets, weighted by their distance from the middle one. Four
 * pixels at a time, because one sum has to wait for its last addition.
 */
function addWeighted(
  values: Float64Array,
  offsets: Int32Array,
  weights: Float64Array,
  sums: Float64Array | Float32Array,
  start: number,
  length: number,
): void {
  const radius = weights.length - 1
  const middle = offsets[radius]!
  const centre = weights[0]!
  const whole = length - (length % 4)
  for (let x = 0; x < whole; x += 4) {
    let first = centre * values[middle + x]!
    let second = centre * values[middle + x + 1]!
    let third = centre * values[middle + x + 2]!
    let fourth = centre * values[middle + x + 3]!
    for (let distance = 1; distance <= radius; distance++) {
      const weight = weights[distance]!
      const before = offsets[radius - distance]! + x
      const after = offsets[radius + distance]! + x
      first += weight * (values[before]! + values[after]!)
      second += weight * (values[before + 1]! + values[after + 1]!)
      third += weight * (values[before + 2]! + values[after + 2]!)
      fourth += weight * (values[before + 3]! + values[after + 3]!)
    }
    sums[start + x] = first
    sums[start + x + 1] = second
    sums[start + x + 2] = third
    sums[start + x + 3] = fourth
  }
  for (let x = whole; x < length; x++) {
    let sum = centre * values[middle + x]!
    for (let distance = 1; distance <= radius; distance++) {
      const before = offsets[radius - distance]! + x
      const after = offsets[radius + distance]! + x
      sum += weights[distance]! * (values[before]! + values[after]!)
    }
    sums[start + x] = sum
  }
}

/** The weights of a normalised Gaussian from its centre outwards; the other half is the same. */
function halfKernel(sigma: number): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5)
  const half = Float64Array.from({ length: radius + 1 }, (_, distance) =>
    Math.exp(-(distance ** 2) / (2 * sigma * sigma)),
  )
  const sum = half.reduce((total, weight) => total + 2 * weight, -1)
  return half.map((weight) => weight / sum)
}

/** The index inside 0 to `length - 1` that shows what lies at `index` of the mirrored picture. */
export function mirrored(index: number, length: number): number {
  if (index >= 0 && index < length) return index
  const period = 2 * length
  const within = ((index % period) + period) % period
  return within < length ? within : period - 1 - within
}
