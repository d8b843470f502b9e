import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RunFolder } from '@dlkit/training'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSampleRun } from '../../tests/sample-run.js'
import { writeReport } from './write-report.js'

let folder: string
let page: string
let damaged = 0
const reportOf = async (run: string) => readFile((await writeReport(run)).file, 'utf8')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-report-'))
  const run = await writeSampleRun(join(folder, 'sample & run'))
  page = await reportOf(run)
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
    expect(await reportOf(run.path)).toContain('Trained 0 of 5 steps, not evaluated yet.')
  })

  test('says how old the evaluation of a run is that trains on', async () => {
    const path = await writeSampleRun(join(folder, 'longer'))
    expect(await reportOf(path)).toContain('Trained 300 steps, evaluated.')
    const run = RunFolder.open(path)
    run.writeJson('config.json', { steps: 400 })
    run.appendMetrics(301, { l1: 0.1 })
    run.close()
    expect(await reportOf(path)).toContain('Trained 301 of 400 steps, evaluated after step 300.')
  })

  test.skipIf(process.platform === 'win32')(
    'reads no link and no pipe among the pictures, and lists them',
    async () => {
      const path = await writeSampleRun(join(folder, 'links'))
      const secret = join(folder, 'secret')
      await writeFile(secret, 'the private key')
      await symlink(secret, join(path, 'samples', '000000\u001b[2J7.png'))
      execFileSync('mkfifo', [join(path, 'samples', '0000008.png')])
      await mkdir(join(path, 'samples', '0000009.png'))
      const outside = await mkdtemp(join(folder, 'outside-'))
      await writeFile(join(outside, 'a.png'), 'the private key')
      await rm(join(path, 'colorized'), { recursive: true, force: true })
      await symlink(outside, join(path, 'colorized'))
      const { file, leftOut } = await writeReport(path)
      const page = await readFile(file, 'utf8')
      expect(page).not.toContain(Buffer.from('the private key').toString('base64'))
      expect([...page.matchAll(/<figcaption>Step (\d+)</g)]).toHaveLength(5)
      expect(leftOut).toEqual([
        'samples/"000000\\u001b[2J7.png": not a regular file',
        'samples/"0000008.png": not a regular file',
        'samples/"0000009.png": not a regular file',
        'colorized: not a folder of its own',
      ])
    },
  )

  test('leaves damaged lines of the logs out and lists them', async () => {
    const path = await writeSampleRun(join(folder, 'lines'))
    await appendFile(join(path, 'findings.jsonl'), '{"st\n')
    const { file, leftOut } = await writeReport(path)
    expect(leftOut).toEqual([expect.stringMatching(/lines\/findings\.jsonl: line 2 is no JSON object/)])
    expect(await readFile(file, 'utf8')).toContain('Check the scale of the inputs first.')
  })

  test.each([
    [
      'evaluation.json',
      '{"step":1,"split":"validation","count":1,"model":{"psnr":1,"ssim":1},"baselines":{}}',
      'baselines.lineArt: expected an object, got undefined',
    ],
    ['evaluation.json', 'null', 'expected an object, got null'],
    ['environment.json', '[]', 'expected an object, got []'],
    ['dataset.json', '{"na', 'no valid JSON'],
  ])('names a damaged %s, %s', async (name, content, problem) => {
    const path = await writeSampleRun(join(folder, `damaged-${damaged++}`))
    await writeFile(join(path, name), content)
    await expect(writeReport(path)).rejects.toThrow(
      new RegExp(`^${join(path, name)}: ${problem.replaceAll(/[.[\]]/g, '\\$&')}\\. Remove the file`),
    )
  })
})
