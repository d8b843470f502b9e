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
export function gaussianBlur(picture: FloatPicture, sigma: number): FloatPicture {
  const weights = halfKernel(sigma)
  const { width, height } = picture
  return { width, height, data: blurColumns(blurRows(picture, weights), weights) }
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

function blurRows({ width, height, data }: FloatPicture, weights: Float64Array): FloatPicture {
  const radius = weights.length - 1
  const blurred = new Float32Array(data.length)
  const row = new Float64Array(width + 2 * radius)
  for (let start = 0; start < data.length; start += width) {
    for (let x = -radius; x < width + radius; x++) row[x + radius] = data[start + mirrored(x, width)]!
    for (let x = 0; x < width; x++) {
      const centre = x + radius
      let sum = weights[0]! * row[centre]!
      for (let distance = 1; distance <= radius; distance++) {
        sum += weights[distance]! * (row[centre - distance]! + row[centre + distance]!)
      }
      blurred[start + x] = sum
    }
  }
  return { width, height, data: blurred }
}

/** Adds up whole rows, which is far faster than walking down the columns. */
function blurColumns({ width, height, data }: FloatPicture, weights: Float64Array): Float32Array {
  const radius = weights.length - 1
  const blurred = new Float32Array(data.length)
  const sums = new Float64Array(width)
  for (let y = 0; y < height; y++) {
    const centre = y * width
    for (let x = 0; x < width; x++) sums[x] = weights[0]! * data[centre + x]!
    for (let distance = 1; distance <= radius; distance++) {
      const weight = weights[distance]!
      const above = mirrored(y - distance, height) * width
      const below = mirrored(y + distance, height) * width
      for (let x = 0; x < width; x++) sums[x] = sums[x]! + weight * (data[above + x]! + data[below + x]!)
    }
    blurred.set(sums, centre)
  }
  return blurred
}

/** The index inside 0 to `length - 1` that shows what lies at `index` of the mirrored picture. */
export function mirrored(index: number, length: number): number {
  if (index >= 0 && index < length) return index
  const period = 2 * length
  const within = ((index % period) + period) % period
  return within < length ? within : period - 1 - within
}
