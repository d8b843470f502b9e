import type { ColouringNetwork } from '@dlkit/gan-colorize/painting'
import { HINT_CHANNELS } from '@dlkit/gan-colorize/painting'
import type * as Ort from 'onnxruntime-web'
import { addressOf, type Settings } from './protocol.js'

/** Threads beyond these bring a small network nothing. */
const MOST_THREADS = 4

/** The network of this site, and what runs it. */
export async function openNetwork(
  settings: Settings,
): Promise<{ network: ColouringNetwork; runsOn: string }> {
  const response = await fetch(addressOf('model.onnx'))
  if (!response.ok) throw new Error(`model.onnx: ${response.status} ${response.statusText}`)
  const { ort, session, runsOn } = await openSession(new Uint8Array(await response.arrayBuffer()))
  const channels = settings.takesHints ? 1 + HINT_CHANNELS : 1
  const paint: ColouringNetwork['paint'] = async ({ height, width, line, hints }) => {
    const input = new Float32Array(height * width * channels)
    for (let pixel = 0; pixel < line.length; pixel++) {
      input[pixel * channels] = line[pixel]!
      if (hints && settings.takesHints)
        input.set(hints.subarray(pixel * HINT_CHANNELS, (pixel + 1) * HINT_CHANNELS), pixel * channels + 1)
    }
    const drawing = new ort.Tensor('float32', input, [1, height, width, channels])
    const outputs = await session.run({ [session.inputNames[0]!]: drawing })
    const output = outputs[session.outputNames[0]!]!
    return (await output.getData(true)) as Float32Array
  }
  return { network: { ...settings, paint }, runsOn }
}

interface Opened {
  ort: typeof Ort
  session: Ort.InferenceSession
  runsOn: string
}

/** On WebGPU where there is one, else on the processors. */
async function openSession(model: Uint8Array): Promise<Opened> {
  if (await hasWebGpu()) {
    try {
      const ort = await load('ort.webgpu.bundle.min.mjs', 'ort-wasm-simd-threaded.asyncify.wasm')
      const session = await ort.InferenceSession.create(model, { executionProviders: ['webgpu'] })
      return { ort, session, runsOn: 'WebGPU' }
    } catch (error) {
      console.info(`WebGPU cannot run this network, the processors do: ${(error as Error).message}`)
    }
  }
  const ort = await load('ort.wasm.bundle.min.mjs', 'ort-wasm-simd-threaded.wasm')
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] })
  const threads = ort.env.wasm.numThreads ?? 1
  return { ort, session, runsOn: threads === 1 ? 'one thread' : `${threads} threads` }
}

async function load(script: string, wasm: string): Promise<typeof Ort> {
  const absolute = (name: string) => new URL(addressOf(name), self.location.href).href
  const ort = (await import(absolute(script))) as typeof Ort
  ort.env.logLevel = 'error'
  ort.env.wasm.wasmPaths = { wasm: absolute(wasm) }
  // Threads share memory, which browsers allow to isolated pages only.
  ort.env.wasm.numThreads = self.crossOriginIsolated
    ? Math.min(MOST_THREADS, navigator.hardwareConcurrency)
    : 1
  return ort
}

interface Adapter {
  info?: { isFallbackAdapter?: boolean }
}

/** A graphics processor; what only imitates one is slower than WebAssembly. */
async function hasWebGpu(): Promise<boolean> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<Adapter | null> } }
  const adapter = await gpu?.requestAdapter().catch(() => null)
  return adapter !== null && adapter !== undefined && adapter.info?.isFallbackAdapter !== true
}
