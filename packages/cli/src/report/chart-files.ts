import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '@dlkit/training/files'
import { lineChart, SERIES_COLOURS, type Series } from './chart.js'
import { html, trustedHtml } from './html.js'
import { lightColours } from './style.js'

/** A chart that becomes files of its own. */
export interface NamedChart {
  title: string
  logarithmic: boolean
  series: Series[]
}

const WIDTH = 800
const HEIGHT = 440
const MARGIN = 24
const LINE = 24

/** Writes each chart as an SVG and a PNG file with title and legend. @returns their paths. */
export async function writeCharts(folder: string, charts: readonly NamedChart[]): Promise<string[]> {
  const { decodePicture, encodePng, freeName, safeStem, withoutExtension } = await import('@dlkit/data')
  await mkdir(folder, { recursive: true })
  const taken = new Set<string>()
  const files: string[] = []
  for (const chart of charts) {
    const name = withoutExtension(freeName(safeStem(chart.title), '.svg', taken))
    const svg = standaloneChart(chart)
    const path = (extension: string) => join(folder, `${name}.${extension}`)
    replaceFile(path('svg'), svg)
    replaceFile(path('png'), await encodePng(await decodePicture(path('svg'), Buffer.from(svg))))
    files.push(path('svg'), path('png'))
  }
  return files
}

/** A chart of the report as an SVG file that needs no page around it: light, on paper. */
function standaloneChart({ title, logarithmic, series }: NamedChart): string {
  const inner = lineChart({ series, logarithmic, width: WIDTH, height: HEIGHT })
    .replace('<svg', `<svg x="${MARGIN}" y="${MARGIN + LINE}" width="${WIDTH}" height="${HEIGHT}"`)
    .replaceAll('font-family:inherit', 'font-family:sans-serif')
  const legend = series.map(({ name }, index) => {
    const y = MARGIN + 2 * LINE + HEIGHT + index * LINE
    return html`<rect x="${MARGIN}" y="${y - 11}" width="12" height="12" rx="3" fill="var(--series-${(index % SERIES_COLOURS) + 1})"/>
<text x="${MARGIN + 20}" y="${y}">${name}</text>`
  })
  const [width, height] = [WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN + (1 + series.length) * LINE]
  const picture = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"
 font-family="sans-serif" font-size="15" color="var(--ink)" fill="var(--ink)">
<rect width="100%" height="100%" fill="var(--card)"/>
<text x="${MARGIN}" y="${MARGIN + 6}" font-weight="600">${title}</text>
${trustedHtml(inner)}${legend}
</svg>
`
  return picture.text
    .replaceAll(/var\((--[\w-]+)\)/g, (_, name: string) => lightColours[name]!)
    .replaceAll('currentColor', lightColours['--ink']!)
}
