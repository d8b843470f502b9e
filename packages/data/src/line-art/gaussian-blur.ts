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
  const kernel = gaussianKernel(sigma)
  const { width, height } = picture
  const blurred = blurLines(picture.data, kernel, { lines: height, length: width, lineStep: width, step: 1 })
  return {
    width,
    height,
    data: blurLines(blurred, kernel, { lines: width, length: height, lineStep: 1, step: width }),
  }
}

function gaussianKernel(sigma: number): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5)
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, index) =>
    Math.exp(-((index - radius) ** 2) / (2 * sigma * sigma)),
  )
  const sum = kernel.reduce((total, weight) => total + weight, 0)
  return kernel.map((weight) => weight / sum)
}

interface Walk {
  lines: number
  length: number
  lineStep: number
  step: number
}

function blurLines(values: Float32Array, kernel: Float64Array, walk: Walk): Float32Array {
  const { lines, length, lineStep, step } = walk
  const radius = (kernel.length - 1) / 2
  const blurred = new Float32Array(values.length)
  const padded = new Float64Array(length + 2 * radius)
  for (let line = 0; line < lines; line++) {
    const start = line * lineStep
    for (let index = 0; index < padded.length; index++) {
      padded[index] = values[start + mirrored(index - radius, length) * step]!
    }
    for (let index = 0; index < length; index++) {
      let sum = 0
      for (let tap = 0; tap < kernel.length; tap++) sum += kernel[tap]! * padded[index + tap]!
      blurred[start + index * step] = sum
    }
  }
  return blurred
}

/** The index inside 0 to `length - 1` that shows what lies at `index` of the mirrored picture. */
export function mirrored(index: number, length: number): number {
  const period = 2 * length
  const within = ((index % period) + period) % period
  return within < length ? within : period - 1 - within
}
