import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RunFolder } from '@dlkit/training'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSampleRun } from '../../tests/sample-run.js'
import { writeReport } from './write-report.js'

let folder: string
let page: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-report-'))
  const run = await writeSampleRun(join(folder, 'sample & run'))
  page = await readFile(await writeReport(run), 'utf8')
})
afterAll(() => rm(folder, { recursive: true }))

describe('the report', () => {
  test('holds curves of every metric, samples, evaluation, findings, configuration, environment, attribution', () => {
    for (const name of ['l1', 'generator', 'gradientNorm'])
      expect(page).toContain(`aria-label="${name} over the steps"`)
    expect([...page.matchAll(/<figcaption>Step (\d+)</g)].map(([, step]) => step)).toEqual([
      '0',
      '90',
      '150',
      '240',
      '300',
    ])
    for (const text of [
      '18.10',
      '14.70',
      'The model beats line art as it is and beats mean training colour.',
    ]) {
      expect(page).toContain(text)
    }
    expect(page).toContain('Check the scale of the inputs first.')
    expect(page).toContain('<th>model.<wbr>sizes</th><td>1, 2</td>')
    expect(page).toContain('<th>engine.<wbr>name</th><td>wasm</td>')
    expect(page).toContain('<th>skipped</th><td>a.png: damaged · b.png: empty</td>')
    expect(page).toContain('<footer><p class="quiet">Emoji by OpenMoji, CC BY-SA 4.0</p></footer>')
  })

  test('escapes what it is given, and has neither scripts nor links to anything', () => {
    expect(page).not.toContain('<script')
    expect(page).toContain('&lt;/script&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;')
    expect(page).toContain('<title>sample &amp; run · dlkit</title>')
    expect([...page.matchAll(/(?:src|href)="(?!data:image\/png;base64,)[^"]*"/g)]).toEqual([])
    expect(page).not.toMatch(/@import|url\((?!#)/)
  })

  test('of a run that has just started is written as well', async () => {
    const run = RunFolder.create(join(folder, 'new'), { config: { steps: 5 }, environment: {} })
    expect(await readFile(await writeReport(run.path), 'utf8')).toContain(
      'Trained 0 of 5 steps, not evaluated yet.',
    )
  })

  test('says how old the evaluation of a run is that trains on', async () => {
    const path = await writeSampleRun(join(folder, 'longer'))
    expect(await readFile(await writeReport(path), 'utf8')).toContain('Trained 300 steps, evaluated.')
    const run = RunFolder.open(path)
    run.writeJson('config.json', { steps: 400 })
    run.appendMetrics(301, { l1: 0.1 })
    run.close()
    expect(await readFile(await writeReport(path), 'utf8')).toContain(
      'Trained 301 of 400 steps, evaluated after step 300.',
    )
  })
})
