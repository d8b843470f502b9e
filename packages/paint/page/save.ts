import { strToU8, zipSync } from 'fflate'
import { drawStrokes } from './draw-strokes.js'
import type { Studio } from './studio.js'

/** The file beside the layers from which this page goes on. */
export const SAVED_FILE = 'dlkit-paint.json'

/** The painted drawing as a PNG file. */
export async function savePng({ drawing, coloured }: Studio): Promise<void> {
  if (drawing && coloured)
    download(new Blob([await png(coloured.image)], { type: 'image/png' }), `${stem(drawing.name)}.png`)
}

/**
 * The layers as an OpenRaster file, which Krita, GIMP and others open: the colours, the drawing multiplied over them, and the
 * strokes, hidden. This page goes on with it, too.
 */
export async function saveLayers(studio: Studio): Promise<void> {
  const { drawing, coloured, strokes, saved } = studio
  if (!drawing || !coloured) return
  const { width, height } = drawing.image
  const layer = (name: string, more = '') => `<layer name="${name}" src="data/${name}.png"${more}/>`
  const stack = `<?xml version="1.0" encoding="UTF-8"?>
<image version="0.0.3" w="${width}" h="${height}"><stack>
${layer('strokes', ' visibility="hidden"')}
${layer('drawing', ' composite-op="svg:multiply"')}
${layer('colours')}
</stack></image>
`
  const [whole, lines, colours, hints] = await Promise.all([
    png(coloured.image),
    png(drawing.image),
    studio.colours().then(png),
    png(strokesAlone(width, height, strokes)),
  ])
  const files = {
    mimetype: strToU8('image/openraster'),
    'stack.xml': strToU8(stack),
    'data/strokes.png': hints,
    'data/drawing.png': lines,
    'data/colours.png': colours,
    'mergedimage.png': whole,
    'Thumbnails/thumbnail.png': await thumbnail(coloured.image),
    [SAVED_FILE]: strToU8(JSON.stringify(saved)),
  }
  download(
    new Blob([zipSync(files, { level: 0 })], { type: 'image/openraster' }),
    `${stem(drawing.name)}.ora`,
  )
}

function strokesAlone(width: number, height: number, strokes: Studio['strokes']): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height)
  drawStrokes(canvas.getContext('2d')!, strokes)
  return canvas
}

function canvasOf(image: ImageData): OffscreenCanvas {
  const canvas = new OffscreenCanvas(image.width, image.height)
  canvas.getContext('2d')!.putImageData(image, 0, 0)
  return canvas
}

/** The format asks for one of 256 pixels at most. */
function thumbnail(image: ImageData): Promise<Uint8Array<ArrayBuffer>> {
  const scale = Math.min(1, 256 / Math.max(image.width, image.height))
  const side = (length: number) => Math.max(1, Math.round(length * scale))
  const canvas = new OffscreenCanvas(side(image.width), side(image.height))
  canvas.getContext('2d')!.drawImage(canvasOf(image), 0, 0, canvas.width, canvas.height)
  return png(canvas)
}

async function png(picture: ImageData | OffscreenCanvas): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = picture instanceof ImageData ? canvasOf(picture) : picture
  const blob = await canvas.convertToBlob({ type: 'image/png' })
  return new Uint8Array(await blob.arrayBuffer())
}

const stem = (name: string): string => `${name.replace(/\.[^.]*$/, '') || 'painting'}-painted`

function download(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
