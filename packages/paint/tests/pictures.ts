import { encodePng } from '@dlkit/data'

/** A ring of ink in the middle of paper, as a PNG file. */
export function ring(width = 160, height = 120): Promise<Buffer> {
  const data = new Uint8Array(3 * width * height).fill(255)
  const radius = Math.min(width, height) / 3
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)]
    if (Math.abs(Math.hypot(x - width / 2, y - height / 2) - radius) < radius / 12)
      data.fill(0, 3 * pixel, 3 * pixel + 3)
  }
  return encodePng({ width, height, data })
}

/** A picture that is red on its left and green on its right side. */
export function twoColours(): Promise<Buffer> {
  const [red, green] = [
    [200, 30, 20],
    [10, 160, 60],
  ] as const
  const data = Uint8Array.from({ length: 3 * 40 * 20 }, (_, i) =>
    Math.floor(i / 3) % 40 < 20 ? red[i % 3]! : green[i % 3]!,
  )
  return encodePng({ width: 40, height: 20, data })
}
