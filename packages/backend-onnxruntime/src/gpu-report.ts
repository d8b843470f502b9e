import { delimiter } from 'node:path'
import { getBackend, setBackend } from '@tensorflow/tfjs-core'
import { registered } from './current-backend.js'
import { loadKoffi } from './native/c-api.js'
import { type CudaFile, searchCuda, unusedFolders } from './native/cuda-libraries.js'
import { driverFix, examineDriver, type GpuDriver } from './native/gpu-driver.js'
import { examineOperators } from './native/operators.js'
import { standIn } from './native/runtime.js'
import { useOnnxRuntime } from './register.js'

/** What is there of what computing on a GPU needs. */
export interface GpuReport {
  /** The library that stands in for NVIDIA's, where `DLKIT_GPU_STAND_IN` names one. */
  readonly standIn: string | undefined
  readonly driver: GpuDriver
  readonly files: readonly CudaFile[]
  /** Where files were looked for. */
  readonly folders: readonly string[]
  /** The compiled operators of `@dlkit/native`, and why they cannot be used; the GPU computes without them, too. */
  readonly operators: { readonly path: string | undefined; readonly problem?: string }
  /** The GPU that computes. */
  readonly gpu: { name: string; available: number; total: number } | undefined
  /** Why no GPU computes here, in one line. */
  readonly reason: string | undefined
  /** What mends what is missing: commands, or what else to do. */
  readonly fixes: readonly string[]
}

/** Looks for all that computing on a GPU needs, and lets the GPU compute. The backend in use stays the same. */
export async function examineGpu(): Promise<GpuReport> {
  const found = { standIn: standIn(), driver: await examineDriver(), ...searchCuda() }
  const operators = examineOperators()
  const { gpu, failure } = await tryGpu()
  const [reason, fixes] = gpu === undefined ? obstacle(found, failure) : [undefined, []]
  const lacksOperators = isSupported && operators.path === undefined && process.env.DLKIT_NATIVE !== '0'
  if (lacksOperators) fixes.push('npm install @dlkit/native')
  return { ...found, operators, gpu, reason, fixes }
}

const isSupported = process.platform === 'linux' && process.arch === 'x64'

type Found = Pick<GpuReport, 'standIn' | 'driver' | 'files' | 'folders'>

/** Why no GPU computes, and what mends it: the first cause, not what follows from it. */
function obstacle(found: Found, failure: string | undefined): [reason: string | undefined, fixes: string[]] {
  if (!isSupported) return [`a GPU needs Linux on x64, this is ${process.platform} on ${process.arch}`, []]
  if (!hasKoffi())
    return ['the package koffi, which calls the libraries, is not installed', ['npm install koffi']]
  if (found.standIn !== undefined) return [failure, []]
  const { problem } = found.driver
  const missing = found.files.filter(({ path }) => path === undefined)
  const lacking = missing.length === 0 ? failure : `not found: ${missing.map(({ name }) => name).join(', ')}`
  return [problem ?? lacking, [...(problem === undefined ? [] : [driverFix]), ...libraryFixes(found)]]
}

function hasKoffi(): boolean {
  try {
    return Boolean(loadKoffi())
  } catch {
    return false
  }
}

/** Libraries that are on this machine are named, the others fetched. */
function libraryFixes(search: Found): string[] {
  const unused = unusedFolders(search)
  const { files } = searchCuda([...search.folders, ...unused])
  const packages = new Set(files.filter(({ path }) => path === undefined).map((file) => file.package))
  const named = [process.env.DLKIT_CUDA_PATH ?? '', ...unused].filter((folder) => folder !== '')
  const isActive = (process.env.VIRTUAL_ENV ?? process.env.CONDA_PREFIX) !== undefined
  return [
    ...(unused.length > 0 ? [`export DLKIT_CUDA_PATH='${named.join(delimiter)}'`] : []),
    ...(packages.size > 0 && !isActive ? ['python3 -m venv .venv', '. .venv/bin/activate'] : []),
    ...(packages.size > 0 ? [`pip install ${[...packages].join(' ')}`] : []),
  ]
}

async function tryGpu(): Promise<{ gpu?: GpuReport['gpu']; failure?: string }> {
  const before = getBackend()
  try {
    await useOnnxRuntime({ device: 'gpu' })
    const { device } = registered('onnxruntime-cuda')!
    return { gpu: { name: device!.name, ...device!.memory() } }
  } catch (error) {
    return { failure: ((error as Error).message ?? String(error)).split('\n')[0]! }
  } finally {
    if (before) await setBackend(before)
  }
}
