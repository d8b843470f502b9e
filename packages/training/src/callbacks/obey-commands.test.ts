import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { giveRunCommand, runCommandsIn } from '../run-control.js'
import { runSteps } from '../run-steps.js'
import { obeyCommands } from './obey-commands.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dlkit-control-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A training of steps of 5 ms that is told something at one of them. */
async function train(to: number, tell: (step: number) => void) {
  const saved: number[] = []
  const times: number[] = []
  const result = await runSteps({
    from: 0,
    to,
    step: async (step) => {
      tell(step)
      times.push(performance.now())
      await sleep(5)
      return {}
    },
    callbacks: [
      obeyCommands({
        folder,
        checkpoint: (step) => saved.push(step),
      }),
    ],
  })
  const longest = Math.max(...times.slice(1).map((time, index) => time - times[index]!))
  return { ...result, saved, longest }
}

describe('a training that obeys commands', () => {
  test('saves once when it is told to', async () => {
    const { step, saved } = await train(120, (step) => step === 3 && giveRunCommand(folder, 'checkpoint'))
    expect(step).toBe(120)
    expect(saved).toHaveLength(1)
    expect(runCommandsIn(folder)).toEqual([])
  })

  test('ends early when it is told to stop, and forgets it', async () => {
    const { step, stopped } = await train(1000, (step) => step === 3 && giveRunCommand(folder, 'stop'))
    expect(stopped).toBe('it was told to')
    expect(step).toBeLessThan(500)
    expect((await train(3, () => {})).step).toBe(3)
  })

  test('waits while it is paused, saves meanwhile, and goes on', async () => {
    const { step, saved, longest } = await train(150, (step) => {
      if (step !== 2) return
      giveRunCommand(folder, 'pause')
      setTimeout(() => giveRunCommand(folder, 'checkpoint'), 500)
      setTimeout(() => giveRunCommand(folder, 'resume'), 1200)
    })
    expect(step).toBe(150)
    expect(saved).toHaveLength(1)
    expect(longest).toBeGreaterThan(400)
  })

  test('can be stopped while it is paused', async () => {
    const { stopped } = await train(150, (step) => {
      if (step !== 2) return
      giveRunCommand(folder, 'pause')
      setTimeout(() => giveRunCommand(folder, 'stop'), 500)
    })
    expect(stopped).toBe('it was told to')
  })

  test('forgets what an earlier process was told', async () => {
    giveRunCommand(folder, 'stop')
    expect((await train(3, () => {})).step).toBe(3)
  })

  test.skipIf(process.platform === 'win32')('is told nothing through a link', () => {
    symlinkSync(tmpdir(), join(folder, 'control'))
    expect(() => giveRunCommand(folder, 'stop')).toThrow('expected a folder of its own')
  })
})
