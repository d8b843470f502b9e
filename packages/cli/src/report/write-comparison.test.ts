import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodePicture } from '@dlkit/data'
import { RunFolder } from '@dlkit/training'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSampleRun } from '../../tests/sample-run.js'
import { writeComparison, writeReport } from './write-report.js'

let folder: string
const at = (...parts: string[]) => join(folder, ...parts)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-compare-'))
  await writeSampleRun(at('a', 'first & best'))
  const short = RunFolder.create(at('b', 'short'), {
    config: { data: 'other', steps: 40, model: { filters: 8, sizes: [1, 2] } },
    environment: { engine: { name: 'onnxruntime', version: '1' }, started: 'today' },
  })
  for (let step = 1; step <= 40; step++) short.appendMetrics(step, { l1: 2 / step, own: step })
  short.close()
})
afterAll(() => rm(folder, { recursive: true }))

describe('a comparison', () => {
  test('holds measures, differences, a chart of every metric with each run, samples and findings', async () => {
    const { file } = await writeComparison([at('a/first & best'), at('b/short')], { out: at('both.html') })
    const page = await readFile(file, 'utf8')
    expect(page).toContain('<title>Comparison of 2 runs · dlkit</title>')
    expect(page).toContain(
      'first &amp; best: The model beats line art as it is and beats mean training colour.',
    )
    expect(page).toContain('short: not evaluated.')
    const rows = [...page.matchAll(/<tr><th>(.*?)<\/th>(.*?)<\/tr>/g)].map(([, key, cells]) => [
      key!.replaceAll('<wbr>', ''),
      ...[...cells!.matchAll(/<td>(.*?)<\/td>/g)].map(([, cell]) => cell),
    ])
    expect(rows).toContainEqual(['model.filters', '4', '8'])
    expect(rows).toContainEqual(['engine.name', 'wasm', 'onnxruntime'])
    expect(rows.filter(([key]) => key === 'model.sizes' || key === 'started')).toEqual([])
    const card = (name: string) =>
      new RegExp(`<h3>${name}[\\s\\S]*?aria-label="${name} over[\\s\\S]*?</ul>`).exec(page)?.[0]
    expect(card('l1')).toMatch(/series-1.*first &amp; best[\s\S]*series-2.*short/)
    expect(page).toContain('aria-label="own over the steps"')
    expect(page).toContain('<figcaption>first &amp; best, step 300</figcaption>')
    expect(page).not.toContain('<script')
  })

  test('names runs by their paths where names are the same', async () => {
    await writeSampleRun(at('c', 'short'))
    const { file } = await writeComparison([at('b/short'), at('c/short')], { out: at('same.html') })
    expect(await readFile(file, 'utf8')).toContain(`<th>${at('c/short')}</th>`)
  })
})

describe('a report', () => {
  test('marks findings over time, and says how to train the run again', async () => {
    const page = await readFile((await writeReport(at('a/first & best'))).file, 'utf8')
    expect(page).toMatch(/<circle[^>]*fill="var\(--warning\)"><title>step 20: /)
    expect(page).toContain(
      `train &#39;${at('a/first &amp; best/config.json')}&#39; --engine wasm --out &#39;runs/first &amp; best-again&#39;`,
    )
  })

  test('has charts as SVG and PNG files, with colours of their own', async () => {
    const { charts } = await writeReport(at('a/first & best'), { out: at('r.html'), charts: at('charts') })
    expect(charts.map((file) => file.slice(at('charts').length + 1))).toEqual([
      'l1.svg',
      'l1.png',
      'generator.svg',
      'generator.png',
      'gradientNorm.svg',
      'gradientNorm.png',
    ])
    expect((await readdir(at('charts'))).length).toBe(6)
    const svg = await readFile(at('charts/l1.svg'), 'utf8')
    expect(svg).not.toMatch(/var\(|currentColor|undefined/)
    const { width, height, data } = await decodePicture('l1.png', await readFile(at('charts/l1.png')))
    expect([width, height]).toEqual([848, 536])
    const blue = Array.from({ length: width * height }, (_, i) => [
      ...data.subarray(3 * i, 3 * i + 3),
    ]).filter(
      ([red, green, blue]) => red! < 40 && Math.abs(green! - 0x72) < 30 && Math.abs(blue! - 0xb2) < 30,
    )
    expect(blue.length).toBeGreaterThan(500)
    expect([...data.subarray(0, 3)]).toEqual([255, 255, 255])
  })
})
