import type { Hint, Rgb } from '@dlkit/gan-colorize/painting'

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D

export const css = (colour: Rgb): string => `rgb(${colour.join(' ')})`

/** Strokes in their colours, in pixels of the picture. */
export function drawStrokes(context: Context, strokes: readonly Hint[], edge?: { width: number }): void {
  context.lineCap = 'round'
  context.lineJoin = 'round'
  for (const { colour, points, width = 1 } of strokes) {
    context.beginPath()
    const [[x, y], ...rest] = points as [[number, number], ...(readonly [number, number])[]]
    context.moveTo(x, y)
    if (rest.length === 0) context.lineTo(x, y)
    for (const point of rest) context.lineTo(...point)
    if (edge) {
      for (const [tone, more] of [
        ['#000', 4],
        ['#fff', 2],
      ] as const) {
        context.strokeStyle = tone
        context.lineWidth = width + more * edge.width
        context.stroke()
      }
    }
    context.strokeStyle = css(colour)
    context.lineWidth = width
    context.stroke()
  }
}
