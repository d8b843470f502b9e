import { input, type Kernel, values } from './kernel-tools.js'

/** The backend's own kernel turns NaN into the lower bound: it would hide a broken gradient from whoever clips it. */
export const clipByValue =
  (original: Kernel): Kernel =>
  (call) => {
    const { backend, attrs } = call
    const x = input(call.inputs, 'x')
    if (x.dtype !== 'float32') return original(call)
    const [low, high] = [attrs.clipValueMin as number, attrs.clipValueMax as number]
    const out = backend.makeOutput(x.shape, 'float32')
    const [from, to] = [values(backend, x), values(backend, out)]
    for (let index = 0; index < from.length; index++) {
      to[index] = Math.min(high, Math.max(low, from[index] as number))
    }
    return out
  }
