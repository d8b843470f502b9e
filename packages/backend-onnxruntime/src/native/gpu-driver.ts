import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { openLibrary } from './c-api.js'

/** The first version of CUDA that the libraries work with, and the first driver that has it. */
const oldest = { cuda: 13_000, driver: '580' }

/** The driver of NVIDIA's GPUs that was found, or why it does not load. */
export interface GpuDriver {
  /** What CUDA it serves, e.g. `13.0`; `undefined` where `libcuda.so.1` does not load. */
  readonly cuda: string | undefined
  /** GPUs with memory and the version of the driver, as `nvidia-smi` names them. */
  readonly gpus: readonly { name: string; memory: string; driver: string }[]
  /** Why it does not serve, in one line. */
  readonly problem?: string
}

/** Asks NVIDIA's driver for itself and its GPUs. */
export async function examineDriver(): Promise<GpuDriver> {
  const gpus = await listed()
  let driver: ReturnType<typeof openLibrary>
  try {
    driver = openLibrary('libcuda.so.1')
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0]!.replace('Failed to load shared library: ', '')
    return { cuda: undefined, gpus, problem: `NVIDIA's driver does not load (libcuda.so.1: ${reason})` }
  }
  const version = new Int32Array(1)
  const read = driver.func('cuDriverGetVersion', 'int', ['void *']) as (to: Int32Array) => number
  const start = driver.func('cuInit', 'int', ['int']) as (flags: number) => number
  read(version)
  const number = version[0]!
  const cuda = `${Math.floor(number / 1000)}.${Math.floor((number % 1000) / 10)}`
  if (number < oldest.cuda)
    return {
      cuda,
      gpus,
      problem: `NVIDIA's driver is for CUDA ${cuda}, too old for the libraries of CUDA 13`,
    }
  const code = start(0)
  const problem =
    code === noDevice ? 'the driver sees no GPU' : `the driver does not start (CUDA error ${code})`
  return { cuda, gpus, ...(code !== 0 && { problem }) }
}

const noDevice = 100

/** What mends a driver that does not serve. */
export const driverFix = `Install NVIDIA's driver ${oldest.driver} or newer; in a container, start it with its GPUs (docker run --gpus all)`

async function listed(): Promise<GpuDriver['gpus']> {
  try {
    const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader']
    const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: 10_000 })
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.split(', '))
      .flatMap(([name, memory, driver]) => (name && memory && driver ? [{ name, memory, driver }] : []))
  } catch {
    return []
  }
}
