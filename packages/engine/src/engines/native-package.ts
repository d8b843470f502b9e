import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import type { EngineCandidate, EngineDevice } from '../engine.js'
import {
  binaryMissing,
  canLoad,
  driverMissing,
  gpuFailure,
  loadFailure,
  notInstalled,
} from '../tensorflow/failure.js'
import { backendName, completeKernels } from '../tensorflow/register.js'
import { restoreUtil } from '../tensorflow/restore-util.js'

const require = createRequire(import.meta.url)

interface TensorFlowBackend extends tf.KernelBackend {
  isUsingGpuDevice: boolean
  binding: { TF_Version: string }
}

interface Manifest {
  version: string
  binary: { module_name: string; module_path: string; napi_versions: number[] }
}

/** Where the package keeps its addon: undefined if the package is not there. */
function addonOf(packageName: string): string | undefined {
  try {
    const file = require.resolve(`${packageName}/package.json`)
    const { module_name, module_path, napi_versions } = (require(file) as Manifest).binary
    const ours = Number(process.versions.napi)
    const version = Math.max(...napi_versions.filter((one) => one <= ours))
    return join(
      dirname(file),
      module_path.replace('{napi_build_version}', `${version}`),
      `${module_name}.node`,
    )
  } catch {
    return undefined
  }
}

/** `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`: both register the same backend of tfjs. */
export function nativeEngine(
  name: 'tfjs-node' | 'tfjs-node-gpu',
  device: EngineDevice,
  summary: string,
): EngineCandidate {
  const packageName = `@tensorflow/${name}`
  let loaded = false
  return {
    name,
    device,
    summary,
    unavailable() {
      if (loaded) return undefined
      const addon = addonOf(packageName)
      if (addon === undefined) return notInstalled(packageName)
      // Found out before loading: the package brings all of TensorFlow.js along before it fails.
      if (!existsSync(addon)) return binaryMissing(packageName)
      if (device === 'gpu' && process.platform === 'linux' && !canLoad('libcuda.so.1')) return driverMissing
      if (tf.findBackendFactory(backendName)) return 'another TensorFlow binding is loaded in this process'
      return undefined
    },
    async activate() {
      // TensorFlow's notes on its build are of no use here; its warnings and errors still show.
      process.env.TF_CPP_MIN_LOG_LEVEL ??= '1'
      restoreUtil()
      try {
        await import(packageName)
      } catch (error) {
        throw new Error(loadFailure(packageName, error))
      }
      loaded = true
      if (!(await tf.setBackend(backendName))) throw new Error('the TensorFlow backend did not start')
      const { isUsingGpuDevice, binding } = tf.backend() as TensorFlowBackend
      if (device === 'gpu' && !isUsingGpuDevice) throw new Error(gpuFailure(canLoad))
      completeKernels()
      const { version } = require(`${packageName}/package.json`) as Manifest
      return { version: `${version} with TensorFlow ${binding.TF_Version}` }
    },
  }
}
