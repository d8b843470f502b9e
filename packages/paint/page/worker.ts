// Colours beside the page, so that the page stays quick: a drawing is looked at once and painted as often as asked.
import type { Picture } from '@dlkit/data'
import { layPaint, Painting } from '@dlkit/gan-colorize/painting'
import { openNetwork } from './network.js'
import { type Answer, addressOf, type Request, type Settings } from './protocol.js'
import { trustOwnScripts } from './trusted.js'

trustOwnScripts()

const opened = fetch(addressOf('settings.json'))
  .then((response) => response.json() as Promise<Settings>)
  .then(openNetwork)
opened.then(
  ({ runsOn }) => answer({ type: 'ready', runsOn }),
  (error: Error) => answer({ type: 'failed', message: `The network cannot be loaded: ${error.message}` }),
)

let painting: Promise<Painting>
let current = 0
/** The newest request; those that it overtook are never painted. */
let next: Extract<Request, { type: 'colour' }> | undefined
let isPainting = false
let newest: { drawing: Picture; tint: Picture }

self.onmessage = ({ data: request }: MessageEvent<Request>) => {
  if (request.type === 'open') {
    const { width, height } = request
    current = request.drawing
    next = undefined
    const picture = { width, height, data: withoutAlpha(request.rgba) }
    painting = opened.then(({ network }) => Painting.of(picture, network))
    painting.catch(() => {}) // told when it is asked for
  } else if (request.type === 'layers') {
    const { drawing, tint } = newest
    const paper = { ...drawing, data: drawing.data.map(() => 255) }
    answer({ type: 'layers', colours: withAlpha(layPaint(paper, tint).data) })
  } else if (request.drawing === current) {
    next = request
    if (!isPainting) paintAll()
  }
}

async function paintAll(): Promise<void> {
  isPainting = true
  try {
    while (next !== undefined) {
      const { drawing, request, strokes, palette } = next
      next = undefined
      const started = performance.now()
      const open = await painting
      const tint = await open.tint({ hints: strokes, ...(palette && { palette }) })
      const rgba = withAlpha(layPaint(open.drawing, tint).data)
      newest = { drawing: open.drawing, tint }
      const milliseconds = Math.round(performance.now() - started)
      if (drawing === current) answer({ type: 'coloured', drawing, request, rgba, milliseconds })
    }
  } catch (error) {
    answer({ type: 'failed', message: (error as Error).message })
  } finally {
    isPainting = false
  }
}

function answer(message: Answer): void {
  const moved =
    message.type === 'coloured' ? [message.rgba] : message.type === 'layers' ? [message.colours] : []
  self.postMessage(message, { transfer: moved.map(({ buffer }) => buffer) })
}

function withoutAlpha(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3)
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    for (let c = 0; c < 3; c++) rgb[to++] = rgba[from + c]!
  }
  return rgb
}

function withAlpha(rgb: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray((rgb.length / 3) * 4)
  for (let from = 0, to = 0; from < rgb.length; to++) {
    for (let c = 0; c < 3; c++) rgba[to++] = rgb[from++]!
    rgba[to] = 255
  }
  return rgba
}
