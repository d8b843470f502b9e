import { onCpu } from '../cpu-fallback.js'
import { type Kernel, values } from './kernel-tools.js'

/** A kernel of the backend that turns NaN into a number, which would hide that training has diverged. */
export const keepingNaN =
  (name: string) =>
  (original: Kernel): Kernel => {
    const exact = onCpu(name)
    return (call) => {
      const { backend, inputs } = call
      const hidden = Object.values(inputs).some(
        (info) => info?.dtype === 'float32' && hasNaN(values(backend, info)),
      )
      return hidden ? exact(call) : original(call)
    }
  }

function hasNaN(numbers: Float32Array): boolean {
  for (let index = 0; index < numbers.length; index++) {
    if (Number.isNaN(numbers[index])) return true
  }
  return false
}
