import '@tensorflow/tfjs-core/dist/register_all_gradients.js'
import { getBackend } from '@tensorflow/tfjs-core'
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js'

const name = getBackend()
setTestEnvs([{ name, backendName: name, isDataSync: true }])
