import { once } from 'node:events'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Turns the first Ctrl-C (or SIGTERM, or SIGHUP of a terminal that is closed) into an abort signal. The listeners are gone by then, so the operating
 * system handles the second one: it kills at once, even in the middle of a computation.
 */
export function stopOnSignal(onFirst: () => void): { signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const release = () => {
    for (const name of signals) process.removeListener(name, stop)
  }
  const stop = (name: NodeJS.Signals) => {
    release()
    if (name === 'SIGHUP') goOnUnheard()
    onFirst()
    controller.abort()
  }
  for (const name of signals) process.on(name, stop)
  return { signal: controller.signal, release }
}

/** Resolves when the signal comes, or has come. */
export async function stopped(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

/** The terminal is gone: what is printed from now on fails, and must not keep the checkpoint from being written. */
function goOnUnheard(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error')
    stream.on('error', () => {})
  }
}
