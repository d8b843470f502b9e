import type { Trained } from './train.js'

const CELL = 9
const GAP = 36

/** The kernels side by side as an SVG picture: one row per input, one column per hidden unit, white is zero. */
export function draw(results: Trained[]): string {
  const [rows, columns] = [results[0]!.kernel.length, results[0]!.kernel[0]!.length]
  const [width, height] = [columns * CELL, rows * CELL]
  const panels = results.map(({ name, error, sparsity, kernel }, index) => {
    const largest = Math.max(...kernel.flat().map(Math.abs))
    const cells = kernel.flatMap((row, y) =>
      row.flatMap((weight, x) => {
        if (Math.abs(weight) <= sparsity.threshold) return []
        // The square root makes small weights visible: what looks white is zero.
        const strength = Math.sqrt(Math.abs(weight) / largest)
        const colour = weight < 0 ? '#2166ac' : '#b2182b'
        return `<rect x="${x * CELL}" y="${y * CELL}" width="${CELL}" height="${CELL}" fill="${colour}" fill-opacity="${strength.toFixed(2)}"/>`
      }),
    )
    const summary = `${(100 * sparsity.share).toFixed(0)} % near zero, test error ${error.toFixed(3)}`
    const [left, top] = [GAP + (index % 2) * (width + GAP), 20 + Math.floor(index / 2) * (height + 60)]
    return (
      `<g transform="translate(${left} ${top})"><text y="12" font-weight="bold">${name}</text>` +
      `<text y="28">${summary}</text><g transform="translate(0 36)">${cells.join('')}` +
      `<rect width="${width}" height="${height}" fill="none" stroke="#999"/></g></g>`
    )
  })
  const size = [2 * (width + GAP) + GAP, Math.ceil(results.length / 2) * (height + 60) + 20]
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size[0]}" height="${size[1]}" font-family="sans-serif" font-size="12">` +
    '<title>First kernels of a network trained with different penalties; white is zero</title>' +
    `<rect width="100%" height="100%" fill="white"/>${panels.join('\n')}</svg>\n`
  )
}
