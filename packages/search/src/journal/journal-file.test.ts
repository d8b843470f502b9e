import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { canMount, mountSmallDisk } from '@dlkit/testing'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../tests/temporary-folder.js'
import { openStudy, randomSampler, uniform } from '../index.js'
import { decodeLine, encodeLine } from './encoding.js'
import { withLock } from './lock.js'

const options = {
  space: { x: uniform(0, 1) },
  metrics: { loss: 'minimize' as const },
  sampler: randomSampler({ seed: 1 }),
}

async function finish(study: Awaited<ReturnType<typeof openStudy>>, count: number) {
  for (let index = 0; index < count; index++) {
    const trial = await study.ask()
    if (typeof trial !== 'string') await study.complete(trial.number, index)
  }
}

test('numbers that JSON has not come back, and no string is taken for one', () => {
  const value = fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, 1 / 0, -1 / 0, 'NaN', '"Infinity', 'a\\NaN'),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(value), fc.string(), (values, key) => {
      const entry = { op_code: 1, [`k${key}`]: values.map((each) => (Object.is(each, -0) ? 0 : each)) }
      const line = encodeLine(entry)
      expect(decodeLine(line)).toEqual(entry)
      expect(line.indexOf('\n')).toBe(line.length - 1)
    }),
  )
  expect(encodeLine({ a: [Number.NaN, -1 / 0] })).toBe('{"a":[NaN,-Infinity]}\n')
})

test('a journal cut anywhere in its last line is repaired, says what it dropped, and goes on', async () => {
  const folder = temporaryFolder()
  const whole = join(folder, 'whole')
  await finish(await openStudy({ ...options, path: whole }), 3)
  const bytes = readFileSync(whole)
  const lastLine = bytes.subarray(0, -1).lastIndexOf(10) + 1
  for (const length of [lastLine + 1, lastLine + 40, bytes.length - 2]) {
    const path = join(folder, `cut-${length}`)
    writeFileSync(path, bytes)
    truncateSync(path, length)
    const repairs: string[] = []
    const study = await openStudy({ ...options, path, onRepair: (message) => repairs.push(message) })
    expect(repairs).toHaveLength(1)
    expect(repairs[0]).toContain(`dropped ${length - lastLine} bytes beginning with "{`)
    expect(readFileSync(`${path}.dropped`, 'utf8')).toBe(`${bytes.subarray(lastLine, length)}\n`)
    expect(study.trials.map(({ state }) => state)).toEqual(['complete', 'complete', 'running'])
    await finish(study, 1)
    expect((await openStudy({ ...options, path })).trials).toEqual(study.trials)
  }
})

test('a last line that only lacks its end is kept', async () => {
  const path = join(temporaryFolder(), 'journal')
  await finish(await openStudy({ ...options, path }), 2)
  truncateSync(path, readFileSync(path).length - 1)
  const study = await openStudy({ ...options, path, onRepair: (message) => expect.fail(message) })
  expect(study.trials.map(({ state }) => state)).toEqual(['complete', 'complete'])
  await finish(study, 1)
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3 + 3 * 2 + 1)
})

test('a cut line that another process wrote behind is taken out', async () => {
  const path = join(temporaryFolder(), 'journal')
  const study = await openStudy({ ...options, path })
  await finish(study, 2)
  const lines = readFileSync(path, 'utf8').split('\n')
  appendFileSync(path, `${lines[4]!.slice(0, 50)}${lines[3]}\n`)
  const repairs: string[] = []
  const other = await openStudy({ ...options, path, onRepair: (message) => repairs.push(message) })
  expect(repairs[0]).toContain('line 8 was cut off by a crash; dropped 50 bytes')
  expect(other.trials).toHaveLength(3)
  expect(readFileSync(path, 'utf8').split('\n').slice(0, 8)).toEqual([...lines.slice(0, 7), lines[3]])
})

test('damage in the middle is an error that names the line', async () => {
  const path = join(temporaryFolder(), 'journal')
  await finish(await openStudy({ ...options, path }), 2)
  const lines = readFileSync(path, 'utf8').split('\n')
  for (const damaged of ['{"op_code": oops}', '42', '\u0000\u0000']) {
    writeFileSync(path, lines.with(3, damaged).join('\n'))
    await expect(openStudy({ ...options, path })).rejects.toThrow(
      `journal: expected an entry in line 4 of ${path}, got ${JSON.stringify(damaged)}. ` +
        'Restore the file from a copy, or keep what is before it: head -n 3.',
    )
    expect(readFileSync(path, 'utf8')).toBe(lines.with(3, damaged).join('\n'))
  }
})

test('a journal that is replaced under a study is an error', async () => {
  const path = join(temporaryFolder(), 'journal')
  const study = await openStudy({ ...options, path })
  writeFileSync(path, '')
  await expect(study.ask()).rejects.toThrow(
    `journal: expected ${path} to grow only, but it was cut or replaced.`,
  )
})

test('a folder in place of the journal is an error with its reason', async () => {
  const path = join(temporaryFolder(), 'journal')
  mkdirSync(path)
  await expect(openStudy({ ...options, path })).rejects.toThrow(
    `journal: cannot use ${path}: it is a folder, not a file, EISDIR.`,
  )
})

test.skipIf(!canMount())('a full disk is an error, and the journal stays whole', async () => {
  const disk = mountSmallDisk(16)!
  try {
    const path = join(disk.path, 'journal')
    const study = await openStudy({ ...options, path })
    await expect(finish(study, 100)).rejects.toThrow('no space left on the disk, ENOSPC')
    const before = readFileSync(path, 'utf8')
    expect(before.endsWith('}\n')).toBe(true)
    expect(
      before
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)).length,
    ).toBeGreaterThan(5)
  } finally {
    disk.unmount()
  }
})

test('processes that write at the same time get different trials, and all of them are there', async () => {
  const path = join(temporaryFolder(), 'journal')
  const script = fileURLToPath(new URL('../../tests/ask-many.ts', import.meta.url))
  const flags = ['--conditions=@dlkit/source', '--import=tsx', script, path, '25']
  const processes = Array.from({ length: 3 }, () => spawn(process.execPath, flags, { stdio: 'inherit' }))
  const codes = await Promise.all(processes.map(async (child) => (await once(child, 'exit'))[0]))
  expect(codes).toEqual([0, 0, 0])
  const { trials } = await openStudy({ ...options, path, onRepair: (message) => expect.fail(message) })
  expect(trials.map(({ state }) => state)).toEqual(Array(75).fill('complete'))
  const counts = processes.map(({ pid }) => trials.filter(({ values }) => values![0] === pid).length)
  expect(counts).toEqual([25, 25, 25])
  expect(new Set(trials.map(({ params }) => params.x)).size).toBe(75)
})

test('a search that was killed under the lock does not keep the next one waiting', async () => {
  const path = join(temporaryFolder(), 'journal')
  writeFileSync(path, '')
  const lock = fileURLToPath(new URL('./lock.ts', import.meta.url))
  const script = `import { withLock } from ${JSON.stringify(lock)}\nawait withLock(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  const flags = ['--conditions=@dlkit/source', '--import=tsx', '--input-type=module', '--eval', script]
  const [, signal] = await once(spawn(process.execPath, flags, { stdio: 'inherit' }), 'exit')
  expect(signal).toBe('SIGKILL')
  expect(lstatSync(`${path}.lock`).isSymbolicLink()).toBe(true)
  // Without time going on, no patience ends.
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    expect(await withLock(path, () => 'mine')).toBe('mine')
  } finally {
    vi.useRealTimers()
  }
})

test('a lock whose holder died is broken once the journal has not changed for 30 seconds', async () => {
  const path = join(temporaryFolder(), 'journal')
  writeFileSync(path, '')
  symlinkSync(path, `${path}.lock`)
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    const started = Date.now()
    let ran = false
    const waiting = withLock(path, () => {
      ran = true
    })
    const settled = () => new Promise((resolve) => setTimeout(resolve, 120))
    await settled()
    vi.setSystemTime(started + 20_000)
    utimesSync(path, 1, 1)
    await settled()
    vi.setSystemTime(started + 45_000)
    await settled()
    expect(ran).toBe(false)
    vi.setSystemTime(started + 51_000)
    await waiting
    expect(ran).toBe(true)
    expect(existsSync(`${path}.lock`)).toBe(false)
  } finally {
    vi.useRealTimers()
  }
})
