import * as tf from '@tensorflow/tfjs-core'

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Graphs of layers do not change by running them. */
const isGraph = (key: string) => /Nodes$|ByDepth$/.test(key)

/**
 * The own fields of objects and of everything that hangs on them, to put them back. Variables are left to whoever saves
 * variables; other tensors that are disposed of in the meantime come back as copies.
 */
export class SavedFields {
  readonly #fields = new Map<object, Fields>()
  readonly #tensors = new Map<tf.Tensor, tf.Tensor>()
  readonly #entries = new Map<Map<unknown, unknown>, [unknown, unknown][]>()
  /** Counters behind accessors, such as those of reproducible dropout. */
  readonly #calls = new Map<{ calls: number }, number>()

  constructor(roots: readonly object[]) {
    for (const root of roots) this.#visit(root)
  }

  /** The variables that can be reached now. */
  variables(): Set<tf.Variable> {
    const found = new Set<tf.Variable>()
    const seen = new Set<object>()
    const visit = (value: unknown) => {
      if (!isObject(value) || seen.has(value)) return
      seen.add(value)
      if (value instanceof tf.Variable) found.add(value)
      if (value instanceof tf.Tensor) return
      for (const [key, child] of childrenOf(value)) if (!isGraph(key)) visit(child)
    }
    for (const root of this.#fields.keys()) visit(root)
    return found
  }

  restore(): void {
    for (const [object, fields] of this.#fields) {
      const current = object as Fields
      for (const key of Object.keys(current)) {
        if (key in fields) continue
        this.#drop(current[key])
        delete current[key]
      }
      for (const [key, value] of Object.entries(fields)) {
        const saved = this.#alive(value)
        if (current[key] === saved) continue
        this.#drop(current[key])
        current[key] = saved
      }
      if (Array.isArray(object)) object.length = Object.keys(fields).length
    }
    for (const [map, entries] of this.#entries) {
      map.clear()
      for (const [key, value] of entries) map.set(key, this.#alive(value))
    }
    for (const [layer, calls] of this.#calls) layer.calls = calls
  }

  dispose(): void {
    for (const copy of this.#tensors.values()) copy.dispose()
    this.#tensors.clear()
  }

  #visit(value: unknown): void {
    if (!isObject(value) || this.#fields.has(value) || value instanceof tf.Variable) return
    if (value instanceof tf.Tensor) {
      if (!this.#tensors.has(value) && !value.isDisposed) this.#tensors.set(value, tf.keep(value.clone()))
      return
    }
    if (ArrayBuffer.isView(value)) return
    this.#fields.set(value, { ...value } as Fields)
    if (value instanceof Map) this.#entries.set(value, [...value])
    if (isCounter(value)) this.#calls.set(value, value.calls)
    for (const [key, child] of childrenOf(value)) if (!isGraph(key)) this.#visit(child)
  }

  #alive(value: unknown): unknown {
    const copy = value instanceof tf.Tensor && value.isDisposed ? this.#tensors.get(value) : undefined
    return copy ? tf.keep(copy.clone()) : value
  }

  /** A tensor that was put in place of a saved one has no owner any more. */
  #drop(value: unknown): void {
    if (!(value instanceof tf.Tensor) || value instanceof tf.Variable) return
    if (!this.#tensors.has(value) && !value.isDisposed) value.dispose()
  }
}

function childrenOf(value: object): [string, unknown][] {
  const own = Object.entries(value)
  return value instanceof Map
    ? [...own, ...[...value.values()].map((child): [string, unknown] => ['', child])]
    : own
}

const isCounter = (value: object): value is { calls: number } =>
  !Object.hasOwn(value, 'calls') && typeof (value as { calls?: unknown }).calls === 'number'
