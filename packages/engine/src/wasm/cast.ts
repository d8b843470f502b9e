import { onCpu } from '../cpu-fallback.js'
import { input, type Kernel } from './kernel-tools.js'

/** To bool on the cpu: the backend's own kernel keeps the lowest byte, so that 0.5 is false and 2 stays 2. */
export function cast(original: Kernel): Kernel {
  const cpu = onCpu('Cast')
  return (call) => {
    const isNumber = input(call.inputs, 'x').dtype !== 'bool'
    return (call.attrs.dtype === 'bool' && isNumber ? cpu : original)(call)
  }
}
