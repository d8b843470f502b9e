import { onCpu } from '../cpu-fallback.js'
import { input, type Kernel } from './kernel-tools.js'

/**
 * `x` where x ≥ 0, else `alpha · x`. The backend's own kernel repeats alpha along x as it lies in memory: right for
 * one slope per channel, silently wrong for any other broadcast, such as one slope per row.
 */
export const prelu =
  (original: Kernel): Kernel =>
  (call) => {
    const x = input(call.inputs, 'x').shape
    const alpha = [...input(call.inputs, 'alpha').shape]
    while (alpha[0] === 1) alpha.shift()
    const repeats = alpha.every((size, index) => size === x[x.length - alpha.length + index])
    return repeats ? original(call) : onCpu('Prelu')(call)
  }
