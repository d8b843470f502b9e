const signals = ['SIGINT', 'SIGTERM'] as const

/**
 * Turns the first Ctrl-C (or SIGTERM) into an abort signal. The listeners are gone by then, so the operating
 * system handles the second one: it kills at once, even in the middle of a computation.
 */
export function stopOnSignal(onFirst: () => void): { signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const release = () => {
    for (const name of signals) process.removeListener(name, stop)
  }
  const stop = () => {
    release()
    onFirst()
    controller.abort()
  }
  for (const name of signals) process.on(name, stop)
  return { signal: controller.signal, release }
}
