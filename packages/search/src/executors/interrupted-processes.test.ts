import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../tests/temporary-folder.js'
import {
  childProcesses,
  medianPruner,
  openStudy,
  randomSampler,
  runStudy,
  successiveHalving,
  uniform,
} from '../index.js'

const module = new URL('../../tests/objective.ts', import.meta.url)

test('trials in processes are pruned, and paused and resumed', async () => {
  const states = async (pruner: ReturnType<typeof medianPruner>) => {
    const path = join(temporaryFolder(), 'journal')
    const space = { x: uniform(0, 1) }
    const study = await openStudy({
      path,
      space,
      metrics: { loss: 'minimize' },
      sampler: randomSampler({ seed: 4 }),
      pruner,
    })
    await runStudy(study, { trials: 9, parallel: 3, executor: childProcesses({ module }) })
    for (const { number, reports } of study.trials) {
      const lines = readFileSync(`${path}.trials/search/${number}/log.txt`, 'utf8').split('\n')
      expect(lines.filter((line) => line.includes('step')).length).toBe(reports.size)
    }
    return study.trials.map(({ state }) => state)
  }
  expect(await states(medianPruner({ startup: 3 }))).toContain('pruned')
  const halved = await states(successiveHalving({ firstRung: 2, factor: 2 }))
  expect(new Set(halved)).toEqual(new Set(['complete', 'waiting']))
})

function search(path: string, environment: object): ChildProcess {
  const script = fileURLToPath(new URL('../../tests/interruptible.ts', import.meta.url))
  return spawn(process.execPath, ['--conditions=@dlkit/source', '--import=tsx', script, path, '4'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  })
}

async function outputOf({ stdout }: ChildProcess): Promise<string> {
  let text = ''
  for await (const part of stdout!) text += part
  return text
}

const stepsOf = (path: string, number: string | number): number[] => {
  const log = `${path}.trials/search/${number}/log.txt`
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : []
  return lines.filter((line) => line.includes('step')).map((line) => Number(line.split(' ').at(-1)))
}

test.each([
  ['Ctrl-C', 'SIGINT', 'waiting waiting\n'],
  ['kill -9', 'SIGKILL', ''],
] as const)(
  'after %s no trial runs on, and the next run finishes all from their checkpoints',
  async (_, signal, output) => {
    const path = join(temporaryFolder(), 'journal')
    const first = search(path, { SEARCH_TEST_STEP: '300' })
    while (![0, 1].every((number) => stepsOf(path, number).length > 0)) await sleep(50)
    first.kill(signal)
    expect(await outputOf(first)).toBe(output)
    const steps = [0, 1].map((number) => stepsOf(path, number))
    await sleep(700)
    expect([0, 1].map((number) => stepsOf(path, number))).toEqual(steps)
    const second = search(path, {})
    expect(await outputOf(second)).toBe('complete complete complete complete\n')
    expect(second.exitCode ?? (await once(second, 'exit'))[0]).toBe(0)
    for (const number of readdirSync(`${path}.trials/search`)) {
      expect(new Set(stepsOf(path, number))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]))
      expect(stepsOf(path, number).length).toBeLessThanOrEqual(9)
    }
  },
)
