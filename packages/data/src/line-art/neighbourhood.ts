import type { FloatPicture } from './gaussian-blur.js'

/** The largest value of the square with `radius` pixels to each side of a pixel: grey dilation. */
export function maximumFilter(picture: FloatPicture, radius: number): FloatPicture {
  return extremes(picture, radius, 1)
}

/** The smallest value of the square with `radius` pixels to each side of a pixel: grey erosion. */
export function minimumFilter(picture: FloatPicture, radius: number): FloatPicture {
  return extremes(picture, radius, -1)
}

/** Rows first, then columns: the extreme of a square is the extreme of its rows' extremes. */
function extremes({ width, height, data }: FloatPicture, radius: number, sign: 1 | -1): FloatPicture {
  const rows = new Float32Array(data.length)
  const squares = new Float32Array(data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let most = data[y * width + x]!
      for (let other = Math.max(0, x - radius); other <= Math.min(width - 1, x + radius); other++) {
        const value = data[y * width + other]!
        if (sign * value > sign * most) most = value
      }
      rows[y * width + x] = most
    }
  }
  for (let y = 0; y < height; y++) {
    const row = squares.subarray(y * width, (y + 1) * width)
    row.set(rows.subarray(y * width, (y + 1) * width))
    for (let other = Math.max(0, y - radius); other <= Math.min(height - 1, y + radius); other++) {
      for (let x = 0; x < width; x++) {
        const value = rows[other * width + x]!
        if (sign * value > sign * row[x]!) row[x] = value
      }
    }
  }
  return { width, height, data: squares }
}
