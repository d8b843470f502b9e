/** One line: x in order, and a value for each. */
export interface Line {
  x: readonly number[]
  y: readonly number[]
}

const MOST_EXACT = 4000
const CELLS = 1200

/**
 * Lines with x values of their own as columns over common ones, as uPlot wants them: `undefined` where a line has no point,
 * `null` where its value cannot be drawn. With many different x values they share a grid, finer than the pixels of a chart,
 * on which a cell of a line keeps its lowest and highest value.
 */
export function align(lines: readonly Line[]): [x: number[], ...y: (number | null | undefined)[][]] {
  const all = new Set<number>()
  for (const { x } of lines) for (const value of x) all.add(value)
  const xs = all.size <= MOST_EXACT ? [...all].sort((a, b) => a - b) : undefined
  if (xs) {
    const index = new Map(xs.map((value, position) => [value, position]))
    const columns = lines.map(({ x, y }) => {
      const column: (number | null | undefined)[] = new Array(xs.length)
      x.forEach((value, position) => {
        column[index.get(value)!] = drawable(y[position]!)
      })
      return column
    })
    return [xs, ...columns]
  }
  return onGrid(lines)
}

function onGrid(lines: readonly Line[]): [x: number[], ...y: (number | null | undefined)[][]] {
  const first = Math.min(...lines.map(({ x }) => x[0] ?? Number.POSITIVE_INFINITY))
  const last = Math.max(...lines.map(({ x }) => x.at(-1) ?? Number.NEGATIVE_INFINITY))
  const width = (last - first) / CELLS
  const xs = Array.from({ length: 2 * CELLS }, (_, index) => first + (width * index) / 2)
  const columns = lines.map(({ x, y }) => {
    const column: (number | null | undefined)[] = new Array(2 * CELLS)
    x.forEach((value, position) => {
      const cell = 2 * Math.min(CELLS - 1, Math.floor((value - first) / width))
      const now = drawable(y[position]!)
      const before = column[cell]
      if (before === undefined || now === null) column[cell] = now
      else if (before !== null) {
        const other = column[cell + 1] ?? before
        const isRising = now >= other
        column[cell] = Math.min(before, other, now)
        column[cell + 1] = Math.max(before, other, now)
        if (!isRising) [column[cell], column[cell + 1]] = [column[cell + 1], column[cell]!]
      }
    })
    return column
  })
  return [xs, ...columns]
}

function drawable(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
