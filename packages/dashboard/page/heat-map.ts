import type { LayerMap } from '../src/wire.js'

/** Dark to bright, readable without seeing hues (viridis). */
const RAMP = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
] as const
const BROKEN = [214, 39, 40] as const

/** The lowest and the highest number above 0. */
export function rangeOf({ values }: LayerMap): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, 0]
  for (const value of values.flat()) {
    if (typeof value !== 'number' || value <= 0) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return [low, high]
}

/** One pixel for each layer and step; the page stretches it. */
export function drawHeatMap(canvas: HTMLCanvasElement, map: LayerMap): void {
  const { layers, steps, values } = map
  canvas.width = steps.length
  canvas.height = layers.length
  const [low, high] = rangeOf(map).map(Math.log) as [number, number]
  const context = canvas.getContext('2d')!
  const image = context.createImageData(steps.length, layers.length)
  values.forEach((row, layer) => {
    row.forEach((value, column) => {
      if (value === null) return
      const share = high > low ? (Math.log(Math.max(Number(value), Math.exp(low))) - low) / (high - low) : 1
      const colour = typeof value === 'string' ? BROKEN : ramp(share)
      image.data.set([...colour, 255], 4 * (layer * steps.length + column))
    })
  })
  context.putImageData(image, 0, 0)
}

function ramp(share: number): number[] {
  const place = Math.max(0, Math.min(1, share)) * (RAMP.length - 1)
  const index = Math.min(RAMP.length - 2, Math.floor(place))
  const [from, to] = [RAMP[index]!, RAMP[index + 1]!]
  return from.map((part, channel) => Math.round(part + (place - index) * (to[channel]! - part)))
}
