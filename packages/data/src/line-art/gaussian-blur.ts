import { addWeighted, allocate, sumsAtOnce } from './weighted-sums.js'

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
  const half = halfKernel(sigma)
  const radius = half.length - 1
  const stride = Math.ceil(width / sumsAtOnce) * sumsAtOnce
  const { weights, offsets, padded, sums, rows } = allocate({
    weights: half.length,
    offsets: 2 * radius + 1,
    padded: stride + 2 * radius,
    sums: stride,
    rows: stride * height,
  })
  weights.floats.set(half)
  for (let shift = 0; shift <= 2 * radius; shift++) offsets.integers[shift] = 4 * shift
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width)
    padded.floats.set(row, radius)
    for (let x = -radius; x < 0; x++) padded.floats[x + radius] = row[mirrored(x, width)]!
    for (let x = width; x < width + radius; x++) padded.floats[x + radius] = row[mirrored(x, width)]!
    const sum = rows.address + 4 * y * stride
    addWeighted(padded.address, offsets.address, weights.address, radius, sum, width)
  }
  const blurred = new Float32Array(data.length)
  const sum = sums.floats.subarray(0, width)
  for (let y = 0; y < height; y++) {
    for (let shift = -radius; shift <= radius; shift++) {
      offsets.integers[shift + radius] = 4 * mirrored(y + shift, height) * stride
    }
    addWeighted(rows.address, offsets.address, weights.address, radius, sums.address, width)
    blurred.set(sum, y * width)
  }
  return { width, height, data: blurred }
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
