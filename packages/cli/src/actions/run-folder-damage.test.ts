import { execFileSync } from 'node:child_process'
import { appendFile, cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { readLosses, rewriteCheckpoint } from '@dlkit/testing'
import { decodeSafetensors, encodeSafetensors } from '@dlkit/training'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dlkit, prepareTinyRun, startDlkit } from '../../tests/dlkit-process.js'
import { checkpoints, contents } from '../../tests/run-files.js'

// Trainings and processes take minutes on a slow machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let folder: string
let losses: string[]
const at = (...parts: string[]) => join(folder, ...parts)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-damage-'))
  await prepareTinyRun(folder)
  await dlkit(['train', 'tiny.json', '--out', 'whole', '--no-check'], folder)
  losses = await readLosses(at('whole'))
})
afterAll(() => rm(folder, { recursive: true }))

async function copy(name: string): Promise<void> {
  await cp(at('whole'), at(name), { recursive: true })
}

/** Puts NaN into the weights of checkpoints, and their hashes right again. */
function poison(run: string, names: readonly string[]): void {
  for (const name of names) {
    rewriteCheckpoint(at(run, 'checkpoints', name), 'tensors.safetensors', (file) => {
      const tensors = decodeSafetensors(file)
      tensors['average/paint/kernel']!.values[3] = Number.NaN
      return encodeSafetensors(tensors)
    })
  }
}

const colorize = (run: string, ...more: string[]) =>
  dlkit(['colorize', 'pictures/1.png', '--recolour', '--run', run, '-o', `of-${run}`, ...more], folder)

describe('NaN in the weights of a checkpoint', () => {
  const holdsNaN = /tensors\.safetensors holds NaN \("average\/paint\/kernel"\): the run has diverged/

  test('is passed over by resume and colorize, with a word', async () => {
    await copy('poisoned')
    poison('poisoned', ['step-000012'])
    const coloured = await colorize('poisoned')
    expect(coloured).toMatchObject({ code: 3, stderr: '' })
    expect(coloured.stdout).toMatch(holdsNaN)
    const resumed = await dlkit(['train', '--resume', 'poisoned'], folder)
    expect(resumed).toMatchObject({ code: 0, stderr: '' })
    expect(resumed.stdout).toMatch(holdsNaN)
    expect(await readLosses(at('poisoned'))).toEqual(losses)
  })

  test('of every checkpoint makes both fail, and no picture is written', async () => {
    await copy('lost')
    poison('lost', await checkpoints(at('lost')))
    for (const failed of [await colorize('lost'), await dlkit(['train', '--resume', 'lost'], folder)]) {
      expect(failed.code).toBe(1)
      expect(failed.stderr).toMatch(/^dlkit: [^\n]+\n$/)
      expect(failed.stderr).toMatch(holdsNaN)
    }
    expect(await contents(folder)).not.toContain('of-lost')
  })
})

describe('two processes in one run folder', () => {
  test('the second is refused with number and host of the first; a killed one does not count', async () => {
    const first = startDlkit(
      ['train', 'tiny.json', '--out', 'busy', '--steps', '4000', '--json', '--no-check'],
      folder,
    )
    await first.prints(/"type":"checkpoint","step":4,/)
    const second = await dlkit(['train', '--resume', 'busy'], folder)
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(`process ${first.child.pid} on ${hostname()}, since`)
    expect(second.stderr).toMatch(/^dlkit: [^\n]+\n$/)
    const sameName = await dlkit(['train', 'tiny.json', '--out', 'busy'], folder)
    expect(sameName).toMatchObject({ code: 1 })
    first.child.kill('SIGKILL')
    await first.ended
    const { steps, ...config } = JSON.parse(await readFile(at('busy/config.json'), 'utf8'))
    await writeFile(at('busy/config.json'), JSON.stringify({ ...config, steps: 12 * (steps > 0 ? 1 : 0) }))
    expect(await contents(at('busy'))).toContain('lock.json')
    const reached = Math.max(
      ...(await checkpoints(at('busy'))).map((name) => Number(name.slice('step-'.length))),
    )
    const resumed = await dlkit(['train', '--resume', 'busy', '--steps', `${reached + 4}`], folder)
    expect(resumed).toMatchObject({ stderr: '' })
    expect(await contents(at('busy'))).not.toContain('lock.json')
  })
})

test('a terminal that is closed leaves a checkpoint of the last step and a report', async () => {
  const running = startDlkit(
    ['train', 'tiny.json', '--out', 'hung-up', '--steps', '4000', '--no-check'],
    folder,
  )
  await vi.waitFor(async () => expect((await readLosses(at('hung-up'))).length).toBeGreaterThan(2), 30_000)
  running.child.stdout?.destroy()
  running.child.stderr?.destroy()
  running.child.kill('SIGHUP')
  expect((await running.ended).code).toBe(130)
  const step = (await readLosses(at('hung-up'))).length
  expect((await checkpoints(at('hung-up'))).at(-1)).toBe(`step-${String(step).padStart(6, '0')}`)
  expect(await contents(at('hung-up'))).toContain('report.html')
})

describe('a resume', () => {
  test('mends a missing environment.json and garbage in the logs, with a word', async () => {
    await copy('mended')
    await rm(at('mended/environment.json'))
    const lines = (await readFile(at('mended/metrics.jsonl'), 'utf8')).split('\n')
    await writeFile(
      at('mended/metrics.jsonl'),
      [...lines.slice(0, 4), 'garbage', ...lines.slice(4)].join('\n'),
    )
    await appendFile(at('mended/findings.jsonl'), '{"step":\n')
    const resumed = await dlkit(['train', '--resume', 'mended', '--steps', '14'], folder)
    expect(resumed).toMatchObject({ code: 0, stderr: '' })
    expect(resumed.stdout).toContain(
      '! mended/metrics.jsonl: line 5 is no JSON object with a step: "garbage"; left out',
    )
    expect(resumed.stdout).toContain('! mended/findings.jsonl: line 1 is no JSON object')
    expect(resumed.stdout).toContain('! mended/environment.json was missing; made anew')
    expect((await readLosses(at('mended'))).slice(0, 12)).toEqual(losses)
    const environment = JSON.parse(await readFile(at('mended/environment.json'), 'utf8'))
    expect(environment).toMatchObject({ resumed: [{ step: 12, engine: { name: 'onnxruntime' } }] })
  })

  test.each([
    ['environment.json', 'null', /environment\.json: expected an object, got null\. Remove the file/],
    ['environment.json', '{"resumed": 3}', /environment\.json: resumed\)\. Remove the file/],
    ['dataset.json', '{}', /dataset\.json: hash\)\. Remove the file/],
    ['config.json', 'null', /config\.json: expected an object, got null/],
  ])('names a damaged %s, %s', async (name, content, message) => {
    await copy('broken')
    await writeFile(at('broken', name), content)
    const { code, stderr } = await dlkit(['train', '--resume', 'broken'], folder)
    expect(stderr).toMatch(/^dlkit: [^\n]+\n$/)
    expect(stderr).toMatch(message)
    expect(code).toBe(1)
    await rm(at('broken'), { recursive: true })
  })

  test('refuses a configuration for a larger network before it is built', async () => {
    await copy('larger')
    const config = JSON.parse(await readFile(at('larger/config.json'), 'utf8'))
    await writeFile(
      at('larger/config.json'),
      JSON.stringify({ ...config, model: { ...config.model, filters: 256 } }),
    )
    for (const refused of [await colorize('larger'), await dlkit(['train', '--resume', 'larger'], folder)]) {
      expect(refused.code).toBe(1)
      expect(refused.stderr).toContain(
        'got model.filters: 256 instead of 4 (larger/config.json). Put model.filters back.',
      )
    }
  })
})

describe.skipIf(process.platform === 'win32')('a file of a run that is a link or a pipe', () => {
  test.each([
    ['link', 'config.json'],
    ['pipe', 'metrics.jsonl'],
  ])('%s at %s: nothing waits for it, and nothing is read or written through it', async (kind, name) => {
    const run = `${kind}-${name}`
    await copy(run)
    const secret = at(`${run}.secret`)
    await writeFile(secret, '{"secret":1}\n')
    await rm(at(run, name))
    if (kind === 'pipe') execFileSync('mkfifo', [at(run, name)])
    else await symlink(secret, at(run, name))
    for (const args of [
      ['train', '--resume', run],
      ['report', run],
    ]) {
      const { code, stderr } = await dlkit(args, folder)
      expect(code).toBe(1)
      expect(stderr).toMatch(
        /^dlkit: [^\n]*(link|pipe)-[^\n]*it is a link, a pipe or a folder, not a file[^\n]*\n$/,
      )
    }
    expect(await readFile(secret, 'utf8')).toBe('{"secret":1}\n')
  })
})
