import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readLosses } from '@dlkit/testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dlkit, type Ended, prepareTinyRun, startDlkit, tinyConfig } from '../../tests/dlkit-process.js'
import { checkpoints, contents, damage } from '../../tests/run-files.js'

// Trainings and processes take minutes on a slow machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const STEPS = tinyConfig.steps
let folder: string
let finished: Ended
const at = (name: string) => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-train-'))
  await prepareTinyRun(folder)
  finished = await dlkit(['train', 'tiny.json', '--out', 'runs/one'], folder)
})
afterAll(() => rm(folder, { recursive: true }))

describe('a finished run', () => {
  test('says what it trains on, how well it did, where things are and what to do next', () => {
    expect(finished).toMatchObject({ code: 0, stderr: '' })
    expect(finished.stdout).toMatch(/^Engine: \w+ \d/)
    expect(finished.stdout).toMatch(/^5 of 5 checks passed$/m)
    expect(finished.stdout).toMatch(
      /^Data: folder, \d+ training, \d+ validation, \d+ test pictures of 16×16 pixels$/m,
    )
    expect(finished.stdout).toMatch(new RegExp(`^Trained ${STEPS} steps in .+: l1 \\d`, 'm'))
    expect(finished.stdout).toMatch(/model +│ +\d+\.\d\d │ +\d\.\d{3}/)
    expect(finished.stdout).toMatch(
      /^On only \d held-out pictures? these numbers say nothing about other drawings\.$/m,
    )
    expect(finished.stdout).toMatch(/^Colours: saturation \d\.\d{3} \(artist \d\.\d{3}\), variety /m)
    expect(finished.stdout).toContain('runs/one/report.html')
    expect(finished.stdout).toContain('dlkit colorize drawing.png --run runs/one -o coloured')
  })

  test('leaves configuration, environment, every loss, samples, checkpoints and a report', async () => {
    expect(JSON.parse(await readFile(at('runs/one/config.json'), 'utf8'))).toMatchObject({
      ...tinyConfig,
      data: at('pictures'),
    })
    const environment = JSON.parse(await readFile(at('runs/one/environment.json'), 'utf8'))
    expect(environment).toMatchObject({
      engine: { name: 'onnxruntime' },
      versions: { node: process.versions.node },
      seed: 3,
    })
    expect(await readLosses(at('runs/one'))).toHaveLength(STEPS)
    expect(await contents(at('runs/one/samples'))).toEqual(
      ['000000', '000005', '000010', '000012'].map((step) => `step-${step}.png`),
    )
    expect(await checkpoints(at('runs/one'))).toEqual(['step-000008', 'step-000012'])
    expect(await readFile(at('runs/one/report.html'), 'utf8')).toContain('id="evaluation"')
    const [events] = await contents(at('runs/one/tensorboard'))
    const recorded = await readFile(at(`runs/one/tensorboard/${events}`), 'latin1')
    for (const tag of ['losses/l1', 'gradients/generator/']) expect(recorded).toContain(tag)
    const { rows } = JSON.parse(await readFile(at('runs/one/samples.json'), 'utf8'))
    expect(rows).toEqual(['line art', 'averaged generator', 'generator', 'with 3 strokes', 'artist'])
  })

  test('is repeated exactly by the same seed, checked or not; --json writes one event per line and nothing else', async () => {
    const { code, stdout, stderr } = await dlkit(
      ['train', 'tiny.json', '--out', 'runs/two', '--json', '--no-check'],
      folder,
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await readLosses(at('runs/two'))).toEqual(await readLosses(at('runs/one')))
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events[0]).toMatchObject({ type: 'start', out: 'runs/two' })
    expect(events.find(({ type }) => type === 'dataset')).toMatchObject({
      name: 'folder',
      train: expect.any(Number),
    })
    expect(events.filter(({ type }) => type === 'step').map(({ step }) => step)).toEqual(
      Array.from({ length: STEPS }, (_, index) => index + 1),
    )
    expect(events.at(-1)).toMatchObject({ type: 'end', step: STEPS, interrupted: false })
  })

  test('trains on with --resume and more steps, and not with fewer', async () => {
    await cp(at('runs/one'), at('runs/longer'), { recursive: true })
    const more = await dlkit(['train', '--resume', 'runs/longer', '--steps', '14'], folder)
    expect(more).toMatchObject({ code: 0, stderr: '' })
    expect(more.stdout).toContain('Continuing after step 12')
    expect((await readLosses(at('runs/longer'))).slice(0, STEPS)).toEqual(await readLosses(at('runs/one')))
    expect(await readLosses(at('runs/longer'))).toHaveLength(14)
    expect(await readFile(at('runs/longer/config.json'), 'utf8')).toContain('"steps": 14,')
    const report = await readFile(at('runs/longer/report.html'), 'utf8')
    expect(report).toContain('Trained 14 steps, evaluated.')
    expect(report).toContain('<h2>Resumed</h2><table class="values"><tr><th>step</th><td>12</td></tr>')
    const fewer = await dlkit(['train', '--resume', 'runs/longer', '--steps', '3'], folder)
    expect(fewer).toMatchObject({ code: 2, stdout: '' })
    expect(fewer.stderr).toMatch(/^dlkit: --steps: expected at least 14, .* got 3\n$/)
  })
})

describe('an interrupted run', () => {
  const long = ['--steps', '40', '--json', '--no-check']
  let whole: string[]
  beforeAll(async () => {
    await dlkit(['train', 'tiny.json', '--out', 'runs/whole', ...long], folder)
    whole = await readLosses(at('runs/whole'))
  })

  test('continues after kill -9 with the losses of a run that was never killed, bit for bit', async () => {
    const killed = startDlkit(['train', 'tiny.json', '--out', 'runs/killed', ...long], folder)
    await killed.prints(/"type":"step","step":10,/)
    killed.child.kill('SIGKILL')
    expect((await killed.ended).signal).toBe('SIGKILL')
    expect((await readLosses(at('runs/killed'))).length).toBeLessThan(40)
    const resumed = await dlkit(['train', '--resume', 'runs/killed'], folder)
    expect(resumed).toMatchObject({ code: 0, stderr: '' })
    expect(await readLosses(at('runs/killed'))).toEqual(whole)
  })

  test('goes on to a raised number of steps when it is killed on the way there', async () => {
    await cp(at('runs/one'), at('runs/raised'), { recursive: true })
    const killed = startDlkit(['train', '--resume', 'runs/raised', ...long], folder)
    await killed.prints(/"type":"step","step":14,/)
    killed.child.kill('SIGKILL')
    await killed.ended
    expect(await dlkit(['train', '--resume', 'runs/raised'], folder)).toMatchObject({ code: 0, stderr: '' })
    expect(await readLosses(at('runs/raised'))).toEqual(whole)
  })

  test('ends cleanly after Ctrl-C: checkpoint, report, the command to continue, exit code 130', async () => {
    const stopped = startDlkit(
      ['train', 'tiny.json', '--out', 'runs/stopped', '--steps', '40', '--no-check'],
      folder,
    )
    await vi.waitFor(
      async () => expect((await readLosses(at('runs/stopped'))).length).toBeGreaterThan(2),
      30_000,
    )
    stopped.child.kill('SIGINT')
    const { code, stdout, stderr } = await stopped.ended
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
    expect(stdout).toContain('Ctrl-C again kills at once')
    expect(stdout).toContain('dlkit train --resume runs/stopped')
    const steps = Number(/Stopped after step (\d+)/.exec(stdout)?.[1])
    expect((await checkpoints(at('runs/stopped'))).at(-1)).toBe(`step-${String(steps).padStart(6, '0')}`)
    expect(await readFile(at('runs/stopped/report.html'), 'utf8')).toContain('not evaluated yet')
    await dlkit(['train', '--resume', 'runs/stopped'], folder)
    expect(await readLosses(at('runs/stopped'))).toEqual(whole)
  })

  test('falls back to the newest whole checkpoint and says which it skipped; without any it fails', async () => {
    await cp(at('runs/whole'), at('runs/damaged'), { recursive: true })
    const [older, newest] = await checkpoints(at('runs/damaged'))
    await damage(at('runs/damaged'), newest ?? '')
    const resumed = await dlkit(['train', '--resume', 'runs/damaged'], folder)
    expect(resumed).toMatchObject({ code: 0, stderr: '' })
    expect(resumed.stdout).toMatch(new RegExp(`Skipped runs/damaged/checkpoints/${newest}: .*bytes`))
    expect(resumed.stdout).toContain(`Continuing after step ${Number(older?.slice(-6))}`)
    expect(await readLosses(at('runs/damaged'))).toEqual(whole)

    for (const checkpoint of await checkpoints(at('runs/damaged')))
      await damage(at('runs/damaged'), checkpoint)
    const failed = await dlkit(['train', '--resume', 'runs/damaged'], folder)
    expect(failed.code).toBe(1)
    expect(failed.stderr).toMatch(/^dlkit: .*whole checkpoint[^\n]*\n$/)
  })
})
