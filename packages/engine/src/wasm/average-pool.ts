import { onCpu } from '../cpu-fallback.js'
import type { Kernel } from './kernel-tools.js'

/** Elements of a window up to which a running sum of 32 bits stays right to 1e-6. */
const MOST = 256

/** The backend's own kernel adds all of a window in 32 bits: a picture of 64 × 64 is 5e-6 off, one of 512 × 512 3e-4. */
export const averagePool =
  (original: Kernel): Kernel =>
  (call) => {
    const [height, width] = [call.attrs.filterSize].flat() as [number, number?]
    return height * (width ?? height) > MOST ? cpu(call) : original(call)
  }

const cpu = onCpu('AvgPool')
