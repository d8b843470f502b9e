import { expect, test } from 'vitest'
import { progress, runSteps } from '../index.js'

/** What a training of 100 steps of `seconds` each shows. */
async function shown({ seconds, isTTY, show }: { seconds: number; isTTY: boolean; show?: boolean }) {
  let time = 0
  const written: string[] = []
  const stream = { isTTY, columns: 60, write: (text: string) => written.push(text) > 0 }
  const step = () => {
    time += seconds * 1000
    return { loss: 0.123456 }
  }
  const callbacks = [
    progress({ stream: stream as never, now: () => time, ...(show !== undefined && { show }) }),
  ]
  const validate = { every: 50, run: () => ({ val_loss: 2, other: 1 }) }
  await runSteps({ from: 100, to: 200, step, validate, callbacks })
  return written
}

test('shows nothing in two seconds, nor where there is no terminal', async () => {
  expect(await shown({ seconds: 0.0199, isTTY: true })).toEqual([])
  expect(await shown({ seconds: 5, isTTY: false })).toEqual([])
})

test('shows one line on a terminal, which is cleared at the end', async () => {
  const written = await shown({ seconds: 1, isTTY: true })
  expect(written[0]).toBe('\rstep 102/200 (51 %) · loss 0.123 · 1:38 left\x1b[K')
  expect(written.at(-2)).toBe('\rstep 200/200 (100 %) · loss 0.123 · val_loss 2 · 0 s left\x1b[K')
  expect(written.at(-1)).toBe('\r\x1b[K')
})

test('shows a line every ten seconds where it is asked to', async () => {
  const written = await shown({ seconds: 1, isTTY: false, show: true })
  expect(written).toHaveLength(10)
  expect(written[1]).toBe('step 112/200 (56 %) · loss 0.123 · 1:28 left\n')
})
