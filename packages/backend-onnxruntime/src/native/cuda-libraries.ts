import { existsSync, readdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { upstreamFolder } from './installed-package.js'

/** Libraries that ONNX Runtime's CUDA provider needs, each after those that it needs itself. */
const cudaLibraries = [
  'libcudart.so.13',
  'libnvrtc.so.13',
  'libcublasLt.so.13',
  'libcublas.so.13',
  'libcurand.so.10',
  'libcudnn.so.9',
] as const

type CudaLibrary = (typeof cudaLibraries)[number]

const provider = 'libonnxruntime_providers_cuda.so'

export interface CudaInstallation {
  /** ONNX Runtime's own library; it looks for its provider beside itself. */
  readonly runtime: string
  readonly libraries: Record<CudaLibrary, string>
}

/**
 * Looks for the CUDA provider of ONNX Runtime and for NVIDIA's libraries, in this order: the folders of
 * `DLKIT_CUDA_PATH`, what onnxruntime-node has downloaded, the packages `nvidia-*-cu13` of the active Python
 * environment, the system.
 *
 * @throws {Error} naming each file that is missing and what brings it.
 */
export function findCuda(): CudaInstallation {
  const folders = searchFolders()
  const find = (name: string) => folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
  const providerPath = find(provider)
  const found = cudaLibraries.map((name) => [name, find(name)] as const)
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => name)
  const runtime = providerPath && runtimeIn(dirname(providerPath))
  if (runtime === undefined || missing.length > 0) {
    const files = [...(runtime === undefined ? [provider] : []), ...missing]
    throw new Error(
      `CUDA: ${files.join(', ')} not found in ${folders.length} folders. ` +
        'Activate a Python environment with onnxruntime-gpu==1.30.0, nvidia-cublas, nvidia-curand, nvidia-cuda-nvrtc, ' +
        'nvidia-cuda-runtime and nvidia-cudnn-cu13, or name their folders in DLKIT_CUDA_PATH',
    )
  }
  return { runtime, libraries: Object.fromEntries(found) as Record<CudaLibrary, string> }
}

function runtimeIn(folder: string): string | undefined {
  const name = readdirSync(folder).find((file) => /^libonnxruntime\.so(\.\d+)*$/.test(file))
  return name && join(folder, name)
}

function searchFolders(): string[] {
  const named = process.env.DLKIT_CUDA_PATH?.split(delimiter) ?? []
  const system = ['/usr/local/cuda/lib64', '/usr/lib/x86_64-linux-gnu', '/usr/lib64']
  return [...named, upstreamFolder() ?? '', ...pythonFolders(), ...system].filter(
    (folder) => folder !== '' && existsSync(folder),
  )
}

function pythonFolders(): string[] {
  const environment = process.env.VIRTUAL_ENV ?? process.env.CONDA_PREFIX
  if (environment === undefined) return []
  return list(join(environment, 'lib'))
    .filter((name) => name.startsWith('python3'))
    .map((name) => join(environment, 'lib', name, 'site-packages'))
    .flatMap((packages) => [
      join(packages, 'onnxruntime', 'capi'),
      ...list(join(packages, 'nvidia')).map((name) => join(packages, 'nvidia', name, 'lib')),
    ])
}

const list = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : [])
