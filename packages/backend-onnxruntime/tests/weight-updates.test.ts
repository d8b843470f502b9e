import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { beforeAll } from 'vitest'
import { useOnnxRuntime } from '../src/index.js'
import { describeWeightUpdates } from './weight-updates.js'

beforeAll(async () => {
  process.env.DLKIT_NATIVE = '0'
  await useOnnxRuntime({ threads: 2 })
})
describeWeightUpdates(false)
