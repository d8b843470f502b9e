import { createRequire } from 'node:module'
import * as tf from '@tensorflow/tfjs-core'
import { type EngineCandidate, type EngineDevice, firstLine } from '../engine.js'

const require = createRequire(import.meta.url)
const backendName = 'tensorflow'

/** Why a native package cannot be loaded, in one line. */
export function nativeFailure(packageName: string, error: unknown): string {
  const message = String((error as Error | undefined)?.message ?? error)
  if (/tfjs_binding\.node|libtensorflow/.test(message)) {
    return `binary missing: it was installed with install scripts off; run npm rebuild ${packageName} --ignore-scripts=false`
  }
  return `does not load: ${firstLine(error)}`
}

/** The last version of the native packages uses `util.isNullOrUndefined`, which Node 23 removed. */
export function nodeTooNew(nodeVersion: string): string | undefined {
  return Number.parseInt(nodeVersion, 10) >= 23 ? `needs Node < 23, this is ${nodeVersion}` : undefined
}

function isInstalled(packageName: string): boolean {
  try {
    require.resolve(`${packageName}/package.json`)
    return true
  } catch {
    return false
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
      if (!isInstalled(packageName)) return 'not installed'
      if (!loaded && tf.findBackendFactory(backendName))
        return 'another TensorFlow binding is loaded in this process'
      return nodeTooNew(process.versions.node)
    },
    async activate() {
      // TensorFlow's notes on its build are of no use here; its warnings and errors still show.
      process.env.TF_CPP_MIN_LOG_LEVEL ??= '1'
      try {
        await import(packageName)
      } catch (error) {
        throw new Error(nativeFailure(packageName, error))
      }
      loaded = true
      if (!(await tf.setBackend(backendName))) throw new Error('the TensorFlow backend did not start')
      const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean }
      if (device === 'gpu' && !isUsingGpuDevice) throw new Error('no CUDA GPU found')
      return { version: (require(`${packageName}/package.json`) as { version: string }).version }
    },
  }
}
