import * as tf from '@tensorflow/tfjs-core'
import { correctCpuKernels } from '../cpu-corrections.js'
import type { EngineCandidate } from '../engine.js'

export const cpuEngine: EngineCandidate = {
  name: 'cpu',
  device: 'cpu',
  summary: 'plain JavaScript, the last resort',
  unavailable: () => undefined,
  async activate() {
    const { version_cpu: version } = await import('@tensorflow/tfjs-backend-cpu')
    await tf.setBackend('cpu')
    correctCpuKernels()
    return { version }
  },
}
