import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import sharp from 'sharp'

/**
 * Writes a colourful picture, a disc and a bar on a ground: pictures of other seeds look different.
 * The name's ending chooses the format.
 */
export async function writePicture(file: string, width: number, height: number, seed: number): Promise<void> {
  const colour = (offset: number) => [0, 85, 170].map((phase) => (seed * 53 + offset * 97 + phase * 2) % 256)
  const [ground, disc, bar] = [colour(0), colour(1), colour(2)]
  const radius = Math.min(width, height) * (0.2 + (seed % 5) * 0.04)
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)]
    const inDisc = Math.hypot(x - width * (0.3 + (seed % 4) * 0.12), y - height * 0.5) < radius
    const inBar = y > height * (0.62 + (seed % 3) * 0.1) && y < height * (0.78 + (seed % 3) * 0.06)
    return (inDisc ? disc : inBar ? bar : ground)[i % 3] ?? 0
  })
  await mkdir(dirname(file), { recursive: true })
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(file)
}
