import type { PictureSource } from '../sources/picture-source.js'
import { defaultWorkers, WorkerPool } from '../workers/worker-pool.js'
import type { AuditFinding, AuditReport, Range } from './audit-report.js'
import type { ColourCounts } from './colour-counts.js'
import { pageStyle } from './page-style.js'

const thumbnailSide = 96
/** Cases of one finding that are shown; the others are counted. */
const mostCases = 24
const mostIdsPerCase = 4

/**
 * An HTML page of an audit, whole in itself, with thumbnails of the pictures that it names. `source` must be the one
 * that was audited.
 */
export async function auditPage(source: PictureSource, report: AuditReport): Promise<string> {
  const thumbnails = await makeThumbnails(source, namedIn(report))
  const picture = (id: string): string => {
    const image = thumbnails.get(id)
    const shown = image
      ? `<img src="data:image/png;base64,${image}" alt="">`
      : '<div class="none">no picture</div>'
    return `<figure>${shown}<figcaption>${escapeHtml(id)}</figcaption></figure>`
  }
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Audit of ${escapeHtml(report.source)}</title>
<style>${pageStyle}</style>
</head>
<body>
<h1>Audit of ${escapeHtml(report.source)}</h1>
<p>${report.readable} of ${report.count} pictures could be read, ${report.findings.length} kinds of findings.</p>
${report.findings.map((finding) => section(finding, picture)).join('\n')}
<h2>Sizes</h2>
${sizesTable(report)}
<h2>Classes</h2>
${classesTable(report)}
<h2>Colours</h2>
${histograms(report.colours)}
<h2>The strangest pictures</h2>
<div class="pictures">${report.strangest
    .map(
      ({ id, why, score }) =>
        `<div>${picture(id)}<small>${escapeHtml(why)} (${score.toFixed(1)})</small></div>`,
    )
    .join('')}</div>
</body>
</html>
`
}

function section({ kind, message, remedy, cases }: AuditFinding, picture: (id: string) => string): string {
  const shown = cases.slice(0, mostCases).map(({ ids, detail }) => {
    const more = ids.length > mostIdsPerCase ? ` and ${ids.length - mostIdsPerCase} more` : ''
    return `<div class="case">${ids.slice(0, mostIdsPerCase).map(picture).join('')}<small>${escapeHtml(detail)}${more}</small></div>`
  })
  const rest = cases.length > mostCases ? `<p>${cases.length - mostCases} more.</p>` : ''
  return `<section id="${kind}"><h2>${escapeHtml(message)}</h2><p>${escapeHtml(remedy)}</p>
<div class="pictures">${shown.join('')}</div>${rest}</section>`
}

function sizesTable({ sizes }: AuditReport): string {
  const row = (name: string, { least, median, most }: Range, digits = 0): string =>
    `<tr><th>${name}</th>${[least, median, most].map((value) => `<td>${value.toFixed(digits)}</td>`).join('')}</tr>`
  const formats = Object.entries(sizes.formats).map(([name, count]) => `${escapeHtml(name)}: ${count}`)
  return `<table><tr><th></th><th>least</th><th>median</th><th>most</th></tr>
${row('width', sizes.width)}${row('height', sizes.height)}${row('width / height', sizes.aspect, 2)}${row('bytes', sizes.bytes)}
</table><p>${formats.join(', ')}</p>`
}

function classesTable({ classes, imbalance }: AuditReport): string {
  const most = classes[0]?.count ?? 1
  const rows = classes
    .slice(0, 100)
    .map(
      ({ name, count }) =>
        `<tr><th>${escapeHtml(name || '(none)')}</th><td>${count}</td>` +
        `<td><div class="bar" style="width:${((100 * count) / most).toFixed(1)}px"></div></td></tr>`,
    )
  const rest = classes.length > 100 ? `<p>${classes.length - 100} more.</p>` : ''
  return `<p>The largest is ${imbalance.toFixed(1)} times as large as the smallest.</p><table>${rows.join('')}</table>${rest}`
}

function histograms({ red, green, blue, hue }: ColourCounts): string {
  const level = (values: readonly number[], colour: string): string => bars(values, () => colour)
  const hues = bars(hue, (bin) => `hsl(${(bin * 360) / hue.length} 80% 50%)`)
  return `<div class="pictures">${[
    ['red', level(red, '#c33')],
    ['green', level(green, '#383')],
    ['blue', level(blue, '#36c')],
    ['hue of strong colours', hues],
  ]
    .map(([name, chart]) => `<figure>${chart}<figcaption>${name}</figcaption></figure>`)
    .join('')}</div>`
}

function bars(values: readonly number[], colourOf: (bin: number) => string): string {
  const most = Math.max(...values, 1e-9)
  const width = 160 / values.length
  const rects = values.map((value, bin) => {
    const height = (60 * value) / most
    return (
      `<rect x="${(bin * width).toFixed(2)}" y="${(60 - height).toFixed(2)}" width="${(width - 1).toFixed(2)}" ` +
      `height="${height.toFixed(2)}" fill="${colourOf(bin)}"/>`
    )
  })
  return `<svg viewBox="0 0 160 60" width="160" height="60" role="img">${rects.join('')}</svg>`
}

/** The ids of all pictures that the page shows. */
function namedIn({ findings, strangest }: AuditReport): Set<string> {
  const cases = findings.flatMap(({ cases: all }) => all.slice(0, mostCases))
  return new Set([
    ...cases.flatMap(({ ids }) => ids.slice(0, mostIdsPerCase)),
    ...strangest.map(({ id }) => id),
  ])
}

/** PNG files in base64 by id; a picture that cannot be read has none. */
async function makeThumbnails(source: PictureSource, ids: Set<string>): Promise<Map<string, string>> {
  const thumbnails = new Map<string, string>()
  const chosen = source.samples.flatMap(({ id }, index) => (ids.has(id) ? [{ id, index }] : []))
  const pool = new WorkerPool({ workers: defaultWorkers(chosen.length) })
  try {
    for (const { id, index } of chosen) {
      try {
        const { colour } = await source.pictures(index)
        const png = await pool.run('thumbnail', { picture: colour, side: thumbnailSide })
        thumbnails.set(id, Buffer.from(png).toString('base64'))
      } catch {
        // Shown without a picture; the finding tells the reason.
      }
    }
  } finally {
    await pool.close()
  }
  return thumbnails
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replaceAll(/[&<>"']/g, (character) => entities[character]!)
}
