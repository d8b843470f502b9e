import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { onnxRuntimeVersion } from './binding.js'
import { upstreamFolder } from './installed-package.js'

const provider = 'libonnxruntime_providers_cuda.so'

/** Libraries that ONNX Runtime's CUDA provider needs, each after those that it needs itself, and what of PyPI has it. */
const cudaLibraries = {
  'libcudart.so.13': 'nvidia-cuda-runtime',
  'libnvrtc.so.13': 'nvidia-cuda-nvrtc',
  'libcublasLt.so.13': 'nvidia-cublas',
  'libcublas.so.13': 'nvidia-cublas',
  'libcurand.so.10': 'nvidia-curand',
  'libcudnn.so.9': 'nvidia-cudnn-cu13',
} as const

type CudaLibrary = keyof typeof cudaLibraries

export interface CudaInstallation {
  /** ONNX Runtime's own library; it looks for its provider beside itself. */
  readonly runtime: string
  readonly libraries: Record<CudaLibrary, string>
}

/** A file that computing on a GPU needs. */
export interface CudaFile {
  readonly name: string
  /** Where it was found; `undefined` where it is missing. */
  readonly path: string | undefined
  /** The package of PyPI that has it. */
  readonly package: string
}

export interface CudaSearch {
  /** ONNX Runtime's provider first, then NVIDIA's libraries. */
  readonly files: readonly CudaFile[]
  /** Where they were looked for, in this order. */
  readonly folders: readonly string[]
}

/**
 * Looks for the CUDA provider of ONNX Runtime and for NVIDIA's libraries, in this order: the folders of
 * `DLKIT_CUDA_PATH`, what onnxruntime-node has downloaded, the packages `nvidia-*-cu13` of the active Python
 * environment, `LD_LIBRARY_PATH`, the system.
 */
export function searchCuda(folders: readonly string[] = searchFolders()): CudaSearch {
  const find = (name: string, serves: (folder: string) => boolean = () => true) =>
    folders.map((folder) => join(folder, name)).find((path) => existsSync(path) && serves(dirname(path)))
  return {
    files: [
      {
        name: provider,
        path: find(provider, (folder) => runtimeIn(folder) !== undefined),
        package: `onnxruntime-gpu==${onnxRuntimeVersion}`,
      },
      ...Object.entries(cudaLibraries).map(([name, brings]) => ({ name, path: find(name), package: brings })),
    ],
    folders,
  }
}

/** @throws {Error} naming each file that is missing and what brings it. */
export function findCuda(): CudaInstallation {
  const { files, folders } = searchCuda()
  const missing = files.filter(({ path }) => path === undefined)
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((file) => file.package))]
    throw new Error(
      `CUDA: ${missing.map(({ name }) => name).join(', ')} not found in ${folders.length} folders. ` +
        `Activate a Python environment with ${packages.join(', ')}, or name their folders in DLKIT_CUDA_PATH`,
    )
  }
  const [{ path: found }, ...libraries] = files as [CudaFile, ...CudaFile[]]
  return {
    runtime: runtimeIn(dirname(found!))!,
    libraries: Object.fromEntries(
      libraries.map(({ name, path }) => [name, path]),
    ) as CudaInstallation['libraries'],
  }
}

function runtimeIn(folder: string): string | undefined {
  const name = readdirSync(folder).find((file) => /^libonnxruntime\.so(\.\d+)*$/.test(file))
  return name && join(folder, name)
}

function searchFolders(): string[] {
  const system = ['/usr/local/cuda/lib64', '/usr/lib/x86_64-linux-gnu', '/usr/lib64']
  const environment = process.env.VIRTUAL_ENV ?? process.env.CONDA_PREFIX
  return [
    ...foldersOf('DLKIT_CUDA_PATH'),
    upstreamFolder() ?? '',
    ...(environment === undefined ? [] : pythonFolders(environment)),
    ...foldersOf('LD_LIBRARY_PATH'),
    ...system,
  ].filter((folder) => folder !== '' && existsSync(folder))
}

/**
 * Folders that hold what {@link searchCuda} does not find, of Python environments that are not active: `.venv` here, the
 * user's packages, those of the system.
 */
export function unusedFolders({ files, folders }: CudaSearch): string[] {
  const elsewhere = [resolve('.venv'), join(homedir(), '.local'), '/usr/local', '/opt/conda', '/usr']
  const others = elsewhere.flatMap(pythonFolders).filter((folder) => !folders.includes(folder))
  const missing = new Set(files.filter(({ path }) => path === undefined).map(({ name }) => name))
  const found = searchCuda(others).files.filter(({ name, path }) => missing.has(name) && path !== undefined)
  return [...new Set(found.map(({ path }) => dirname(path!)))]
}

const foldersOf = (variable: string): string[] => process.env[variable]?.split(delimiter) ?? []

function pythonFolders(environment: string): string[] {
  return list(join(environment, 'lib'))
    .filter((name) => name.startsWith('python3'))
    .flatMap((name) => ['site-packages', 'dist-packages'].map((kind) => join(environment, 'lib', name, kind)))
    .flatMap((packages) => [
      join(packages, 'onnxruntime', 'capi'),
      ...list(join(packages, 'nvidia')).map((name) => join(packages, 'nvidia', name, 'lib')),
    ])
}

const list = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : [])
