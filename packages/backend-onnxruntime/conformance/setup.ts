import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-core/dist/register_all_gradients.js'
import { setBackend } from '@tensorflow/tfjs-core'
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js'
import { registerOnnxRuntimeBackend } from '../src/register.js'

const device = process.env.CONFORMANCE_DEVICE === 'gpu' ? 'gpu' : 'cpu'
const backend = process.env.CONFORMANCE_BACKEND ?? (device === 'gpu' ? 'onnxruntime-cuda' : 'onnxruntime')
registerOnnxRuntimeBackend({ threads: 1, device, tf32: false })
await setBackend(backend)
setTestEnvs([{ name: backend, backendName: backend, isDataSync: true }])
