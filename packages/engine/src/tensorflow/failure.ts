import { firstLine } from '../engine.js'

const rebuild = (packageName: string) => `run npm rebuild ${packageName} --ignore-scripts=false`

export const notInstalled = (packageName: string) =>
  `not installed: npm i ${packageName} --ignore-scripts=false`

export const binaryMissing = (packageName: string) =>
  `binary missing: it was installed with install scripts off; ${rebuild(packageName)}`

export const driverMissing = 'no CUDA GPU found: this system has no NVIDIA driver (libcuda.so.1)'

/** Why a native package cannot be loaded, in one line, with the command that mends it. */
export function loadFailure(packageName: string, error: unknown): string {
  const message = String((error as Error | undefined)?.message ?? error)
  const again = rebuild(packageName)
  const library =
    /(lib[\w.+-]+\.so[.\d]*|[\w.-]+\.dylib): cannot open shared object|Library not loaded: (\S+)/.exec(
      message,
    )
  if (library) return `${library[1] ?? library[2]} missing: its download is incomplete; ${again}`
  const symbol = /undefined symbol: (\w+)/.exec(message)
  if (symbol) return `its library has no ${symbol[1]}, it is of another version; ${again}`
  if (/invalid ELF header|wrong ELF class|not a valid Win32|incompatible architecture/.test(message))
    return `its binary is for another system or processor; ${again}`
  const tooOld = /version [`'](\w+_[\d.]+)' not found/.exec(message)
  if (tooOld) return `its binary needs ${tooOld[1]}, which this system is too old for; take another engine`
  const missing = /Cannot find (?:module|package) '([^']+)'/.exec(message)
  if (missing) return `${missing[1]} missing: run npm i ${packageName}`
  return `does not load: ${firstLine(error)}`
}

/** What TensorFlow loads for a GPU, and where npm or pip have it. CUDA 11.2 to 11.8 share these names. */
const cudaLibraries: Record<string, string> = {
  'libcudart.so.11.0': 'nvidia-cuda-runtime-cu11',
  'libcublas.so.11': 'nvidia-cublas-cu11',
  'libcublasLt.so.11': 'nvidia-cublas-cu11',
  'libcufft.so.10': 'nvidia-cufft-cu11',
  'libcusparse.so.11': 'nvidia-cusparse-cu11',
  'libcudnn.so.8': 'nvidia-cudnn-cu11<9',
}

/** Why TensorFlow computes on the processor although its GPU package is there. */
export function gpuFailure(canLoad: (library: string) => boolean): string {
  if (!canLoad('libcuda.so.1')) return driverMissing
  const missing = Object.keys(cudaLibraries).filter((library) => !canLoad(library))
  if (missing.length === 0) return 'no CUDA GPU found, though CUDA 11 and cuDNN 8 are there: see nvidia-smi'
  const packages = [...new Set(missing.map((library) => `"${cudaLibraries[library]}"`))].join(' ')
  return (
    `no CUDA GPU found: ${missing.join(', ')} missing; install CUDA 11.2 with cuDNN 8.1, or pip install ${packages} ` +
    'and add the lib folders to LD_LIBRARY_PATH'
  )
}

/** Whether the dynamic loader finds a library, which need not be an addon of Node. */
export function canLoad(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library)
    return true
  } catch (error) {
    return /did not self-register/.test((error as Error).message)
  }
}
