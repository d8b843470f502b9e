import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeSafetensors, RunFolder } from '@dlkit/training'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dlkit, prepareTinyRun } from '../../tests/dlkit-process.js'
import { contents } from '../../tests/run-files.js'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const own = fileURLToPath(new URL('../../tests/own-model.ts', import.meta.url))
let folder: string
const at = (name: string) => join(folder, name)
const call = (...args: string[]) => dlkit(args, folder)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-after-'))
  await prepareTinyRun(folder)
  await Promise.all([
    call('train', own, '--steps', '300', '--out', 'runs/own', '--no-check'),
    call('train', 'tiny.json', '--steps', '4', '--out', 'runs/colours', '--no-check'),
  ])
})
afterAll(() => rm(folder, { recursive: true }))

test('eval measures a run on a split and writes nothing', async () => {
  const before = await readFile(at('runs/own/evaluation.json'), 'utf8')
  const { code, stdout } = await call('eval', 'runs/own', '--split', 'test', '--json')
  expect(code).toBe(0)
  const evaluation = JSON.parse(stdout)
  expect(evaluation).toMatchObject({ step: 300, split: 'test', count: 42 })
  expect(evaluation.model.loss).toBeLessThan(0.4)
  expect(evaluation.model.acc).toBeGreaterThan(0.8)
  expect(await readFile(at('runs/own/evaluation.json'), 'utf8')).toBe(before)
  const again = JSON.parse((await call('eval', 'runs/own', '--json')).stdout)
  expect(again.model).toEqual(JSON.parse(before).model)
})

test('eval of a colouring run agrees with what the training measured', async () => {
  const { code, stdout } = await call('eval', 'runs/colours', '--json')
  expect(code).toBe(0)
  const measured = JSON.parse(stdout)
  const trained = JSON.parse(await readFile(at('runs/colours/evaluation.json'), 'utf8'))
  expect(measured.model.psnr).toBeCloseTo(trained.model.psnr, 4)
  expect(measured.baselines.lineArt).toEqual(trained.baselines.lineArt)
  expect(measured.baselines.meanColour.psnr).toBeCloseTo(trained.baselines.meanColour.psnr, 1)
})

test('baseline compares with a constant and a linear model, for the report, too', async () => {
  const { code, stdout } = await call('baseline', 'runs/own')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^The model beats the best constant answer and /m)
  const { baselines } = JSON.parse(await readFile(at('runs/own/evaluation.json'), 'utf8'))
  // The classes are about equally frequent, and not quite what a linear model can tell apart.
  expect(baselines['the best constant answer'].loss).toBeGreaterThan(0.9)
  expect(baselines['the best constant answer'].loss).toBeLessThan(1.3)
  expect(baselines['a linear model'].loss).toBeLessThan(0.6)
  expect(await readFile(at('runs/own/report.html'), 'utf8')).toContain('a linear model')
  const report = await call('report', 'runs/own', '--json')
  expect(JSON.parse(report.stdout)).toEqual({ report: 'runs/own/report.html', leftOut: [] })
})

test('export writes each format, and what is there only with --force', async () => {
  const onnx = await call('export', 'runs/own', '--format', 'onnx', '-o', 'out/own.onnx')
  expect(onnx).toMatchObject({ code: 0, stdout: 'out/own.onnx\n' })
  expect((await readFile(at('out/own.onnx'))).includes('kernel')).toBe(true)
  const again = await call('export', 'runs/own', '--format', 'onnx', '-o', 'out/own.onnx')
  expect(again.code).toBe(1)
  expect(again.stderr).toMatch(/^dlkit: out\/own\.onnx: exists already[^\n]+--force\n$/)
  const tfjs = await call('export', 'runs/own', '--format', 'tfjs')
  expect(tfjs.stdout).toBe('runs/own/tfjs/model.json\n')
  expect(await contents(at('runs/own/tfjs'))).toContain('model.json')
  await call('export', 'runs/own', '--format', 'safetensors', '-o', 'w.safetensors')
  const weights = decodeSafetensors(await readFile(at('w.safetensors')))
  expect(Object.values(weights).map(({ shape }) => shape)).toEqual(
    expect.arrayContaining([[4, 16], [16], [16, 3], [3]]),
  )
  await call(
    'export',
    'runs/own',
    '--format',
    'safetensors',
    '--precision',
    'float16',
    '-o',
    'half.safetensors',
  )
  const half = decodeSafetensors(await readFile(at('half.safetensors')))
  for (const [name, { values }] of Object.entries(weights)) {
    expect(
      half[name]!.values.every(
        (x, i) => Math.abs(x - values[i]!) <= 2 ** -11 * Math.abs(values[i]!) + 2 ** -25,
      ),
    ).toBe(true)
  }
  expect((await readFile(at('half.safetensors'))).byteLength).toBeLessThan(
    (await readFile(at('w.safetensors'))).byteLength,
  )
})

test('export of the colouring network holds all from the drawing to the colours', async () => {
  const { code, stdout } = await call('export', 'runs/colours', '--format', 'onnx', '--json')
  expect({ code, out: JSON.parse(stdout) }).toEqual({
    code: 0,
    out: { format: 'onnx', files: ['runs/colours/model.onnx'] },
  })
  expect((await call('export', 'runs/colours', '--format', 'tfjs', '-o', 'net')).code).toBe(0)
  expect(await contents(at('net'))).toContain('model.json')
})

test('runs lists every run and prunes those that nobody can use', async () => {
  RunFolder.create(at('runs/never'), { config: { steps: 3 }, environment: {} }).close()
  const broken = RunFolder.create(at('runs/broken'), { config: { steps: 3 }, environment: {} })
  broken.appendMetrics(1, { loss: Number.NaN })
  broken.appendFinding({
    rule: 'non-finite',
    severity: 'error',
    step: 1,
    where: ['loss'],
    message: 'x',
    meaning: 'x',
    remedy: 'x',
    practice: 'P9',
  })
  broken.close()
  await cp(at('runs/own'), at('runs/other'), { recursive: true })
  await writeFile(at('runs/notes.txt'), 'no run')
  const text = await call('runs')
  expect(text.stdout).toMatch(/│ runs\/own +│ finished +│ own-model\.ts │ 300 +│ loss [\d.]+ acc [\d.]+ │/)
  const list = async () =>
    (await call('runs', '--json')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map(({ run, state }) => `${run} ${state}`)
      .sort()
  const useful = ['runs/colours finished', 'runs/other finished', 'runs/own finished']
  expect(await list()).toEqual(['runs/broken diverged', ...useful, 'runs/never never trained'].sort())
  const asked = await call('runs', '--prune')
  expect(asked).toMatchObject({ code: 2, stdout: '' })
  expect(asked.stderr).toMatch(/would remove .*runs\/broken \(diverged\).*--yes\n$/)
  expect((await call('runs', '--prune', '--yes')).stdout).toMatch(/^Removed runs\/never \(never trained\)$/m)
  expect(await list()).toEqual(useful)
})

test('audit names what is wrong with pictures, and writes a page', async () => {
  await cp(at('pictures/1.png'), at('bad/1.png'))
  await cp(at('pictures/1.png'), at('bad/copy.png'))
  await writeFile(at('bad/broken.png'), 'no picture')
  const { code, stdout } = await call('audit', 'bad', '--out', 'pages/audit.html')
  expect(code).toBe(3)
  expect(stdout).toMatch(/^exact-duplicate: 1 pair of equal files\.\n {5}1\.png, copy\.png/m)
  expect(stdout).toMatch(/^unreadable: [^\n]+\n {5}broken\.png/m)
  expect(await readFile(at('pages/audit.html'), 'utf8')).toContain('broken.png')
  const json = await call('audit', 'bad', '--json')
  expect(JSON.parse(json.stdout).findings.map(({ kind }: { kind: string }) => kind)).toContain('unreadable')
})

test.each<[string[], number, RegExp]>([
  [
    ['eval', 'runs/own', '--split', 'tset'],
    2,
    /--split: expected train, validation, test, got "tset"; did you mean test\?/,
  ],
  [['eval', 'pictures'], 1, /expected the folder of a run, got pictures/],
  [['export', 'runs/own', '--format', 'onxn'], 2, /--format: .*did you mean onnx\?/],
  [['export', 'runs/own', '--format', 'onnx', '-o', 'x.bin'], 2, /-o: expected the name of a \.onnx file/],
  [
    ['export', 'runs/own', '--format', 'safetensors', '--precision', 'float8'],
    2,
    /--precision: expected float32/,
  ],
  [
    ['export', 'runs/own', '--format', 'onnx', '--precision', 'float16'],
    2,
    /--precision: .*--format safetensors/,
  ],
  [['export', 'runs/own'], 2, /required option '--format <name>' not specified/],
  [['audit', 'nowhere'], 2, /nowhere \(no such file or folder\)/],
  [
    ['colorize', 'pictures', '--run', 'runs/own', '-o', 'c'],
    1,
    /is a run of \S+own-model\.ts, not of the colouring/,
  ],
])('%j is refused in one line', async (args, code, message) => {
  const ended = await call(...args)
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' })
  expect(ended.stderr).toMatch(/^dlkit: [^\n]+\n$/)
  expect(ended.stderr).toMatch(message)
})
