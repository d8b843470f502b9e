import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { startDlkit } from '../../tests/dlkit-process.js'
import { stopOnSignal } from './stop-on-signal.js'

// Trainings and processes take minutes on a slow machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

test('the first signal aborts, once', () => {
  let stops = 0
  const { signal, release } = stopOnSignal(() => {
    stops++
  })
  const listeners = process.listenerCount('SIGTERM')
  process.emit('SIGTERM')
  expect({ aborted: signal.aborted, stops }).toEqual({ aborted: true, stops: 1 })
  expect(process.listenerCount('SIGTERM')).toBe(listeners - 1)
  release()
})

test('the second Ctrl-C kills at once, even in the middle of a computation', async () => {
  const script = fileURLToPath(new URL('../../tests/spin.ts', import.meta.url))
  const spinning = startDlkit([], tmpdir(), { script })
  const timer = setTimeout(() => spinning.child.kill('SIGKILL'), 20_000)
  await spinning.prints(/ready/)
  spinning.child.kill('SIGINT')
  await spinning.prints(/stopping/)
  spinning.child.kill('SIGINT')
  expect(await spinning.ended).toMatchObject({ code: null, signal: 'SIGINT' })
  clearTimeout(timer)
})
