import { isDeepStrictEqual } from 'node:util'
import { BufferPool } from './buffer-pool.js'
import { Builder } from './graph/builder.js'
import { type CompiledGraph, compile, reachable } from './graph/compile.js'
import { SessionCache } from './graph/session-cache.js'
import { type Check, Trace } from './graph/trace.js'
import type { Value } from './graph/types.js'
import { withLargest } from './largest-values.js'
import { isOfDevice } from './native/device-error.js'
import { isOnDevice, type Memory, type NativeTensor, type Runtime } from './native/session.js'
import type { StatsRecorder } from './stats.js'
import type { TensorEntry } from './tensor-entry.js'

export interface RunOptions {
  threads: number
  /** Most compiled graphs kept, and most bytes of their encoded form. */
  cache: { count: number; bytes: number }
  profile?: string
}

/** Computes what was recorded: finds or compiles the graph, runs it, and hands the results out. */
export class GraphRunner {
  readonly cache: SessionCache<CompiledGraph>
  readonly pool: BufferPool
  /** The graph that ran last. */
  last: CompiledGraph | undefined

  constructor(
    readonly runtime: Runtime,
    private options: RunOptions,
    private readonly stats: StatsRecorder,
  ) {
    this.cache = new SessionCache(options.cache)
    this.pool = new BufferPool(runtime.device)
  }

  isFor(options: RunOptions): boolean {
    return isDeepStrictEqual(options, this.options)
  }

  /** Graphs that were compiled with other options are dropped. */
  configure(options: RunOptions): void {
    this.cache.clear()
    this.cache.bounds = options.cache
    this.options = options
  }

  /** For what is recorded next: it most likely is what came after the last graph before, or that graph once more. */
  nextBuilder(): Builder {
    const { target, hasOperators } = this.runtime
    return new Builder(new Trace((this.last?.next ?? this.last)?.trace), target, hasOperators)
  }

  /** Computes the entries; if that fails, those that do not depend on what fails. @returns what went wrong. */
  settle(trace: Trace, entries: readonly TensorEntry[]): Error | undefined {
    if (entries.length === 0) return undefined
    try {
      const outputs = new Set<Value>()
      for (const { lazy } of entries) if (lazy!.value.node.kind === 'node') outputs.add(lazy!.value)
      const checks = checksOf(trace, outputs)
      for (const { passed, values } of checks) outputs.add(passed).add(values)
      const values = [...outputs]
      const results = values.length > 0 ? withLargest(trace, () => this.run(trace, values)) : []
      const computed = new Map(values.map((value, i) => [value, results[i]]))
      const leaves = new Map(trace.leaves.map(({ value, data }) => [value, data]))
      const memoryOf = (value: Value) => (computed.get(value) ?? leaves.get(value) ?? value.node.data)!
      for (const { passed, values, report } of checks) verify(memoryOf(passed), memoryOf(values), report)
      const holders = new Map<Value, number>()
      for (const { lazy } of entries) holders.set(lazy!.value, (holders.get(lazy!.value) ?? 0) + 1)
      for (const entry of entries) {
        const { value } = entry.lazy!
        const data = memoryOf(value)
        const owned = computed.has(value) && holders.get(value) === 1
        if (!owned) this.pool.share(data)
        entry.settle(data, owned)
      }
      return undefined
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      if (isOfDevice(failure)) {
        for (const entry of entries) entry.fail(failure)
        return failure
      }
      if (entries.length > 1) return this.settleParts(trace, entries) ?? failure
      entries[0]!.fail(failure)
      return failure
    }
  }

  /** Halves what fails together until each failure is found; what depends on one fails with it, without being run. */
  private settleParts(trace: Trace, entries: readonly TensorEntry[]): Error | undefined {
    const half = entries.length >> 1
    const nodes = new Map(entries.map((entry) => [entry, entry.lazy!.value.node]))
    const failure = this.settle(trace, entries.slice(0, half))
    const failed = new Map(
      entries.flatMap((entry) => (entry.failure ? [[nodes.get(entry)!, entry.failure]] : [])),
    )
    const rest = entries.slice(half).filter((entry) => {
      const cause = failed.size > 0 && [...reachable([entry.lazy!.value])].find((node) => failed.has(node))
      if (cause) entry.fail(failed.get(cause)!)
      return !cause
    })
    return this.settle(trace, rest) ?? failure
  }

  /** A graph once more, without its being recorded. */
  runAgain(graph: CompiledGraph, inputs: readonly NativeTensor[]): Memory[] {
    this.cache.use(graph)
    return this.timed(() => withLargest(graph.trace, () => graph.runOn(inputs, this.pool)))
  }

  /** A run that the device repeats by itself, without the graph, whose memory is free then. */
  runCaptured(graph: CompiledGraph, run: () => Memory[]): Memory[] {
    this.cache.drop(graph)
    return this.timed(() => withLargest(graph.trace, run))
  }

  private timed(run: () => Memory[]): Memory[] {
    const started = performance.now()
    const results = run()
    this.stats.flushes++
    this.stats.milliseconds.run += performance.now() - started
    return results
  }

  dispose(): void {
    this.cache.clear()
    this.pool.clear()
    this.last = undefined
  }

  private run(trace: Trace, outputs: Value[]): Memory[] {
    const started = performance.now()
    const key = trace.keyWith(outputs)
    let graph = this.cache.find(key)
    const looked = performance.now()
    this.stats.milliseconds.key += looked - started
    if (graph === undefined) {
      graph = compile(this.runtime, trace, outputs, this.options)
      this.cache.add(key, graph)
      this.stats.compiles++
      this.stats.milliseconds.compile += performance.now() - looked
    }
    const compiled = performance.now()
    const results = graph.run(trace.leaves, this.pool)
    if (this.last !== undefined) this.last.next = graph
    this.last = graph
    this.stats.flushes++
    this.stats.milliseconds.run += performance.now() - compiled
    return results
  }
}

/** What has to hold for outputs, in the order in which it was recorded. */
export function checksOf({ checks }: Trace, outputs: Iterable<Value>): Check[] {
  if (checks.size === 0) return []
  const needed = reachable([...outputs])
  return [...checks].flatMap(([node, check]) => (needed.has(node) ? [check] : []))
}

/** @throws what is wrong with the values, if the check has not passed. */
export function verify(passed: Memory, values: Memory, report: Check['report']): void {
  const numbers = (memory: Memory) => (isOnDevice(memory) ? memory.read() : memory) as ArrayLike<number>
  if (numbers(passed)[0] !== 1) report(numbers(values))
}
