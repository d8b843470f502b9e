import type * as tf from '@tensorflow/tfjs-core'
import type { GradientMonitor } from './gradient-monitor.js'
import type { Gradients } from './read-gradients.js'

/**
 * Shows every update of an optimizer to a monitor, in `minimize`, `applyGradients` and `model.fit` alike, and returns
 * the function that ends it. Steps count on from `monitor.step`, so a restored monitor continues where it was.
 *
 * An observation ends after the update it belongs to: `await monitor.settled()` before reading `monitor.findings`.
 * An error in it, such as one thrown by `onFinding`, is thrown by the next update or by `settled()`.
 */
export function watchOptimizer(optimizer: tf.Optimizer, monitor: GradientMonitor): () => void {
  const inherited = !Object.hasOwn(optimizer, 'applyGradients')
  const original = optimizer.applyGradients
  let watching = true
  let failure: { error: unknown } | undefined

  function applyGradients(gradients: Parameters<tf.Optimizer['applyGradients']>[0]): void {
    if (watching && failure) {
      const { error } = failure
      failure = undefined
      throw error
    }
    if (watching) {
      monitor.observe(monitor.step + 1, gradients as Gradients).catch((error: unknown) => {
        failure = { error }
      })
    }
    original.call(optimizer, gradients)
  }

  optimizer.applyGradients = applyGradients
  return () => {
    watching = false
    // Someone may have wrapped this wrapper since: then it stays, and only passes the gradients on.
    if (optimizer.applyGradients !== applyGradients) return
    if (inherited) delete (optimizer as Partial<tf.Optimizer>).applyGradients
    else optimizer.applyGradients = original
  }
}
