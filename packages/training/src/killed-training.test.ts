import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { canMount, mountSmallDisk, readLosses } from '@dlkit/testing'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seededRandom } from './statistics/seeded-random.js'

const KILLS = 50
const STEPS = 60
const folder = mkdtempSync(join(tmpdir(), 'dlkit-killed-'))
const script = join(folder, 'killed-training.mjs')
const expected = join(folder, 'expected')
/** Weights by step of a training that nobody has killed. */
const hashes = new Map<number, string>()

beforeAll(async () => {
  // One file starts in a third of the time.
  await build({
    entryPoints: [new URL('../tests/killed-training.ts', import.meta.url).pathname],
    bundle: true,
    ignoreAnnotations: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@dlkit/source'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    outfile: script,
  })
  const { lines } = await Training.start(expected, STEPS).ended
  hashes.set(STEPS, lines.at(-1)!.hash!)
})

afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }))

interface Line {
  what: 'begin' | 'step' | 'end'
  step: number
  /** Of all weights, except where it is only a step. */
  hash?: string
}

/** A process that trains. */
class Training {
  readonly ended: Promise<{ lines: Line[]; signal: string | null; errors: string }>
  readonly #lines: Line[] = []
  #onLine = () => {}

  private constructor(readonly child: ChildProcess) {
    const lines = this.#lines
    let [errors, output] = ['', '']
    child.stderr!.on('data', (data) => {
      errors += data
    })
    child.stdout!.on('data', (data) => {
      output += data
      const whole = output.split('\n')
      output = whole.pop()!
      lines.push(...whole.map((line) => JSON.parse(line) as Line))
      this.#onLine()
    })
    this.ended = new Promise((resolve) => {
      child.on('close', (_, signal) => resolve({ lines, signal, errors }))
    })
  }

  /** Waits until it has begun and trained so many steps, or has ended. */
  trained(steps: number): Promise<unknown> {
    const enough = new Promise<void>((resolve) => {
      this.#onLine = () => {
        if (this.#lines.length > steps) resolve()
      }
      this.#onLine()
    })
    return Promise.race([enough, this.ended])
  }

  static start(run: string, steps: number): Training {
    return new Training(
      spawn(process.execPath, [script, run, String(steps)], { stdio: ['ignore', 'pipe', 'pipe'] }),
    )
  }
}

/**
 * Kills trainings of a run at random moments, every third before it has begun, and begins another run whenever one has
 * come to its end; the last one does.
 */
async function killAgainAndAgain(name: string, kills: number, seed: number) {
  const random = seededRandom(seed, 'kills')
  const ends: string[] = []
  let [killed, resumed, isAtEnd] = [0, 0, false]
  for (let start = 0; killed < kills || !isAtEnd; start++) {
    const run = join(folder, `${name}-${ends.length}`)
    const training = Training.start(run, STEPS)
    if (killed < kills) {
      const early = start % 3 === 2
      if (!early) await training.trained(Math.floor(random() * 16))
      const timer = setTimeout(() => training.child.kill('SIGKILL'), random() * (early ? 400 : 20))
      training.child.on('close', () => clearTimeout(timer))
    }
    const { lines, signal, errors } = await training.ended
    expect(errors).not.toContain('Error')
    for (const { step, hash } of lines) {
      if (hash === undefined) continue
      // The same step always has the same weights, whoever has trained it.
      expect([step, hash]).toEqual([step, hashes.get(step) ?? hash])
      hashes.set(step, hash)
    }
    if ((lines[0]?.step ?? 0) > 0) resumed++
    isAtEnd = signal !== 'SIGKILL'
    if (isAtEnd) {
      ends.push(lines.at(-1)!.hash!)
      expect(await readLosses(run)).toEqual(await readLosses(expected))
      expect(readdirSync(join(run, 'checkpoints'))).toEqual(readdirSync(join(expected, 'checkpoints')))
    } else killed++
  }
  return { killed, resumed, ends }
}

describe('a training that is killed', () => {
  test(`goes on bit for bit after each of ${KILLS} kill -9 at random moments`, async () => {
    const halves = await Promise.all([
      killAgainAndAgain('a', KILLS / 2, 1),
      killAgainAndAgain('b', KILLS / 2, 2),
    ])
    for (const { killed, resumed, ends } of halves) {
      expect(killed).toBe(KILLS / 2)
      expect(resumed).toBeGreaterThan(KILLS / 10)
      expect(new Set(ends)).toEqual(new Set([hashes.get(STEPS)]))
    }
  }, 180_000)

  test('a second process is refused with pid and host of the first, which goes on unharmed', async () => {
    const run = join(folder, 'two')
    const first = Training.start(run, STEPS)
    await first.trained(1)
    const { lines, errors } = await Training.start(run, STEPS).ended
    expect(lines).toEqual([])
    expect(errors).toContain(`RunLockedError: RunFolder: expected a run that nothing else writes into`)
    expect(errors).toContain(`process ${first.child.pid} on ${hostname()}`)
    expect((await first.ended).lines.at(-1)!.hash!).toBe(hashes.get(STEPS))
    expect(await readLosses(run)).toEqual(await readLosses(expected))
  })

  test.skipIf(!canMount())('a full and a read-only disk are told in one line and lose nothing', async () => {
    const disk = mountSmallDisk(56)!
    try {
      const run = join(disk.path, 'run')
      const { lines, errors } = await Training.start(run, STEPS).ended
      expect(lines.at(-1)!.what).toBe('step')
      expect(errors).toMatch(/(CheckpointError|RunFolderError): .*no space left on the disk, ENOSPC/)
      const remount = (options: string) => execFileSync('mount', ['-o', `remount,${options}`, disk.path])
      remount('ro')
      const readOnly = await Training.start(run, STEPS).ended
      expect(readOnly.errors).toMatch(/RunFolderError: .*the disk is read-only, EROFS/)
      remount('rw,size=4m')
      const resumed = await Training.start(run, STEPS).ended
      expect(resumed.errors).not.toContain('Error')
      expect(resumed.lines[0]!.step).toBeGreaterThan(0)
      expect(resumed.lines.at(-1)!.hash!).toBe(hashes.get(STEPS))
      expect(await readLosses(run)).toEqual(await readLosses(expected))
    } finally {
      disk.unmount()
    }
  })
})
