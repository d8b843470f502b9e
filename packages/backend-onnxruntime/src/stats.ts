/** What the backend did since it was registered or since `reset`. */
export interface OnnxRuntimeStats {
  /** Graphs run. */
  flushes: number
  /** Graphs compiled: flushes whose structure was not in the cache. */
  compiles: number
  /** Flushes whose structure was in the cache. */
  cacheHits: number
  /** Compiled graphs that are kept at the moment. */
  sessions: number
  /** Operations recorded and not yet run. */
  pendingOperations: number
  /** Calls of kernels that ran in JavaScript because ONNX has no equal, by kernel. */
  fallbacks: Record<string, number>
  /** Time spent on compiling, on running graphs, and on looking structures up. */
  milliseconds: { compile: number; run: number; key: number }
}

export class StatsRecorder {
  flushes = 0
  compiles = 0
  fallbacks: Record<string, number> = {}
  milliseconds = { compile: 0, run: 0, key: 0 }

  fallback(kernel: string): void {
    this.fallbacks[kernel] = (this.fallbacks[kernel] ?? 0) + 1
  }

  reset(): void {
    this.flushes = 0
    this.compiles = 0
    this.fallbacks = {}
    this.milliseconds = { compile: 0, run: 0, key: 0 }
  }

  snapshot(sessions: number, pendingOperations: number): OnnxRuntimeStats {
    const { flushes, compiles } = this
    return {
      flushes,
      compiles,
      cacheHits: flushes - compiles,
      sessions,
      pendingOperations,
      fallbacks: { ...this.fallbacks },
      milliseconds: { ...this.milliseconds },
    }
  }
}
