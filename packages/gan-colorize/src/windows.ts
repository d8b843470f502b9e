/** Where the network looks, at its own scale. */
export interface View {
  /** Size of the whole picture at the network's scale. */
  width: number
  height: number
  /** Parts that the network sees one at a time; they overlap by half, and cover everything. */
  windows: { x: number; y: number; width: number; height: number }[]
}

/** The longest side over the shortest, up to which a picture is seen as a whole. */
const WHOLE = 1.5
/** Longest side of what the network sees in parts, in windows. */
const LONGEST = 64

/**
 * A picture is seen as a whole, its longer side as long as those of the training pictures. A strip or a panorama
 * would be too narrow that way: its shorter side gets this length, and it is seen in square windows.
 */
export function viewOf(width: number, height: number, size: number): View {
  const [short, long] = [Math.min(width, height), Math.max(width, height)]
  const whole = long / short <= WHOLE
  const scale = whole ? size / long : Math.min(size / short, (LONGEST * size) / long)
  const fitted = (side: number) => Math.max(1, Math.round(side * scale))
  const view = { width: fitted(width), height: fitted(height) }
  if (whole) return { ...view, windows: [{ x: 0, y: 0, ...view }] }
  const xs = starts(view.width, size)
  const ys = starts(view.height, size)
  const window = { width: Math.min(size, view.width), height: Math.min(size, view.height) }
  return { ...view, windows: ys.flatMap((y) => xs.map((x) => ({ x, y, ...window }))) }
}

/** Where windows of `size` begin along a side, evenly, at most half a window apart. */
function starts(length: number, size: number): number[] {
  const steps = Math.ceil(Math.max(0, length - size) / (size / 2))
  return Array.from({ length: steps + 1 }, (_, i) =>
    steps === 0 ? 0 : Math.round((i * (length - size)) / steps),
  )
}

/** Weight of a pixel in a window: 1 in the middle, falling linearly towards the sides that other windows overlap. */
export function windowWeight(position: number, length: number): number {
  return Math.min(position + 0.5, length - position - 0.5) / (length / 2)
}
