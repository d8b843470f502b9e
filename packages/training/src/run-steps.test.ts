import { describe, expect, test } from 'vitest'
import type { Callback } from './callback.js'
import { runSteps } from './run-steps.js'

/** A callback that writes down its calls, each some time after it was called. */
function recorder(name: string, log: string[]): Callback {
  const note = async (text: string) => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    log.push(`${name} ${text}`)
  }
  return {
    onStart: ({ from, to }) => note(`start ${from} ${to}`),
    onStep: ({ step, losses }) => note(`step ${step} ${losses.loss}`),
    onEnd: ({ step, interrupted }) => note(`end ${step} ${interrupted}`),
  }
}

describe('runSteps', () => {
  test('runs the steps after from up to to, and awaits the callbacks in order', async () => {
    const log: string[] = []
    const result = await runSteps({
      from: 4,
      to: 6,
      step: async (step) => {
        log.push(`train ${step}`)
        return { loss: step / 2 }
      },
      callbacks: [recorder('a', log), recorder('b', log), {}],
    })
    expect(result).toEqual({ step: 6, interrupted: false })
    expect(log).toEqual([
      'a start 4 6',
      'b start 4 6',
      'train 5',
      'a step 5 2.5',
      'b step 5 2.5',
      'train 6',
      'a step 6 3',
      'b step 6 3',
      'a end 6 false',
      'b end 6 false',
    ])
  })

  test('an abort ends the loop after the running step and its callbacks', async () => {
    const log: string[] = []
    const controller = new AbortController()
    const result = await runSteps({
      from: 0,
      to: 9,
      signal: controller.signal,
      step: (step) => {
        if (step === 2) controller.abort()
        return { loss: step }
      },
      callbacks: [recorder('a', log)],
    })
    expect(result).toEqual({ step: 2, interrupted: true })
    expect(log).toEqual(['a start 0 9', 'a step 1 1', 'a step 2 2', 'a end 2 true'])
  })

  test('a signal that is aborted already runs no step', async () => {
    const signal = AbortSignal.abort()
    const step = () => expect.unreachable()
    expect(await runSteps({ from: 3, to: 5, signal, step })).toEqual({ step: 3, interrupted: true })
    expect(await runSteps({ from: 5, to: 5, step })).toEqual({ step: 5, interrupted: false })
  })

  test('an abort during the last step does not count as an interruption', async () => {
    const controller = new AbortController()
    const step = () => {
      controller.abort()
      return {}
    }
    expect(await runSteps({ from: 0, to: 1, signal: controller.signal, step })).toEqual({
      step: 1,
      interrupted: false,
    })
  })

  test('timers and signals are heard between synchronous steps', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 1)
    const step = () => {
      const end = performance.now() + 2
      while (performance.now() < end);
      return {}
    }
    const result = await runSteps({ from: 0, to: 10_000, signal: controller.signal, step })
    expect(result.interrupted).toBe(true)
  })

  test('an error of a step or a callback is thrown and ends the loop without onEnd', async () => {
    const log: string[] = []
    const failing = {
      onStep() {
        throw new Error('full')
      },
    }
    const callbacks = [recorder('a', log), failing, recorder('b', log)]
    await expect(runSteps({ from: 0, to: 3, step: () => ({ loss: 1 }), callbacks })).rejects.toThrow('full')
    expect(log).toEqual(['a start 0 3', 'b start 0 3', 'a step 1 1'])
    const step = () => Promise.reject(new Error('bad step'))
    await expect(runSteps({ from: 0, to: 3, step, callbacks })).rejects.toThrow('bad step')
  })

  test('adds no listener to the signal', async () => {
    const { signal } = new AbortController()
    const added: string[] = []
    signal.addEventListener = (type: string) => void added.push(type)
    await runSteps({ from: 0, to: 20, signal, step: () => ({}) })
    expect(added).toEqual([])
  })

  test('refuses a range that is none', async () => {
    for (const [from, to] of [
      [3, 2],
      [-1, 2],
      [0, 1.5],
      [0, Number.POSITIVE_INFINITY],
    ] as const) {
      await expect(runSteps({ from, to, step: () => ({}) })).rejects.toThrow(
        `runSteps: expected whole numbers 0 <= from <= to, got from=${from}, to=${to}.`,
      )
    }
  })
})
