import type { Rgb } from '@dlkit/gan-colorize/painting'
import { strFromU8, unzipSync } from 'fflate'
import { SAVED_FILE } from './save.js'
import { type Drawing, MOST_COLOURS, type Saved } from './studio.js'

/** Pixels that browsers hold several copies of without trouble. */
const MOST_PIXELS = 40_000_000

/** Reads a picture, or a file with layers that this page saved. Its transparent parts become paper. @throws Error in words. */
export async function readDrawing(file: Blob, name: string): Promise<{ drawing: Drawing; saved?: Saved }> {
  if (await isZip(file)) return readLayers(file, name)
  return { drawing: { name, image: await decode(file, name) } }
}

/** The pixels of a picture. @throws Error in words. */
export async function decode(file: Blob, name: string): Promise<ImageData> {
  const address = URL.createObjectURL(file)
  try {
    const image = new Image()
    image.src = address
    await image.decode().catch(() => {
      throw new Error(`${name} is no picture that this browser can show. Try PNG, JPEG, WebP or SVG.`)
    })
    const [width, height] = [image.naturalWidth, image.naturalHeight]
    if (width * height === 0) throw new Error(`${name} has no size. Give it a width and a height.`)
    if (width * height > MOST_PIXELS)
      throw new Error(`${name} has ${width} × ${height} pixels; ${MOST_PIXELS / 1e6} million are the most.`)
    const canvas = new OffscreenCanvas(width, height)
    const context = canvas.getContext('2d', { willReadFrequently: true })!
    context.fillStyle = '#fff'
    context.fillRect(0, 0, width, height)
    context.drawImage(image, 0, 0)
    return context.getImageData(0, 0, width, height)
  } finally {
    URL.revokeObjectURL(address)
  }
}

async function isZip(file: Blob): Promise<boolean> {
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer())
  return String(start) === '80,75,3,4'
}

async function readLayers(file: Blob, name: string): Promise<{ drawing: Drawing; saved: Saved }> {
  const foreign = new Error(`${name} was not saved by this page. Drop a picture, or a file of “Save layers”.`)
  let files: Record<string, Uint8Array<ArrayBuffer>>
  try {
    const wanted = [SAVED_FILE, 'data/drawing.png']
    files = unzipSync(new Uint8Array(await file.arrayBuffer()), {
      filter: (entry) => wanted.includes(entry.name) && entry.originalSize < 4 * MOST_PIXELS,
    }) as typeof files
  } catch {
    throw foreign
  }
  const [text, picture] = [files[SAVED_FILE], files['data/drawing.png']]
  const saved = text && savedOf(strFromU8(text))
  if (!picture || !saved) throw foreign
  return { drawing: { name: saved.name, image: await decode(new Blob([picture]), name) }, saved }
}

/** What was saved, where it has the right form: such a file may come from anywhere. */
export function savedOf(text: string): Saved | undefined {
  try {
    const { name, strokes, palette, onlyPalette } = JSON.parse(text) as Saved
    const isColour = (colour: unknown) =>
      Array.isArray(colour) &&
      colour.length === 3 &&
      colour.every((value) => Number.isInteger(value) && value >= 0 && value <= 255)
    const isPoint = (point: unknown) =>
      Array.isArray(point) && point.length === 2 && point.every((value) => Number.isFinite(value))
    const isStroke = ({ colour, points, width }: Saved['strokes'][number]) =>
      isColour(colour) && points.length > 0 && points.every(isPoint) && (width ?? 1) > 0
    const isRight =
      typeof name === 'string' &&
      strokes.every(isStroke) &&
      palette.every((colour: Rgb) => isColour(colour)) &&
      palette.length <= MOST_COLOURS
    return isRight
      ? { name, strokes, palette, onlyPalette: onlyPalette === true && palette.length > 0 }
      : undefined
  } catch {
    return undefined
  }
}
