/** The engines that `useEngine` knows. */
export type EngineName = 'tfjs-node-gpu' | 'onnxruntime-cuda' | 'onnxruntime' | 'tfjs-node' | 'wasm' | 'cpu'
/** Where an engine computes. */
export type EngineDevice = 'cpu' | 'gpu'

interface ActivateOptions {
  /** Threads of one operation, for an engine that lets itself be told. Default: its own choice. */
  threads?: number
}

/** One engine: a file in `engines/` and a row in `candidates.ts`. */
export interface EngineCandidate {
  name: EngineName
  device: EngineDevice
  /** What it is, for people, in a few words. */
  summary: string
  /** Why it cannot work here, as far as that shows without loading it: one short line. */
  unavailable(): string | undefined
  /** Makes it the current backend of tfjs. Throws an error whose message is the reason why it cannot. */
  activate(options: ActivateOptions): Promise<{ version: string }>
}

/** The first line of what went wrong. */
export const firstLine = (error: unknown): string =>
  (String((error as Error | undefined)?.message ?? error).split('\n')[0] ?? '').trim()
