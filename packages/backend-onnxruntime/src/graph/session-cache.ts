export interface CacheBounds {
  /** Most graphs kept. */
  count: number
  /** Most bytes of encoded graphs kept. */
  bytes: number
}

interface Graph {
  /** Size of its encoded form. */
  readonly bytes: number
  dispose(): void
}

interface Entry<G> {
  key: Int32Array
  graph: G
}

/** Compiled graphs by structure, the least recently used leaving first. */
export class SessionCache<G extends Graph> {
  private readonly entries = new Map<string, Entry<G>>()
  private readonly hashes = new WeakMap<G, string>()
  private bytes = 0

  constructor(public bounds: CacheBounds) {}

  get size(): number {
    return this.entries.size
  }

  find(key: Int32Array): G | undefined {
    const hash = hashOf(key)
    const entry = this.entries.get(hash)
    if (entry === undefined || !sameKey(entry.key, key)) return undefined
    this.renew(hash, entry)
    return entry.graph
  }

  /** Notes that a graph is used, without looking it up. */
  use(graph: G): void {
    const hash = this.hashes.get(graph)
    const entry = hash === undefined ? undefined : this.entries.get(hash)
    if (entry?.graph === graph) this.renew(hash!, entry)
  }

  add(key: Int32Array, graph: G): void {
    const hash = hashOf(key)
    this.remove(hash)
    this.entries.set(hash, { key: key.slice(), graph })
    this.hashes.set(graph, hash)
    this.bytes += graph.bytes
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= 1) break
      if (this.entries.size <= this.bounds.count && this.bytes <= this.bounds.bytes) break
      this.remove(oldest)
    }
  }

  /** Lets go of a graph that is not needed any more. */
  drop(graph: G): void {
    const hash = this.hashes.get(graph)
    if (hash !== undefined && this.entries.get(hash)?.graph === graph) this.remove(hash)
  }

  clear(): void {
    for (const hash of [...this.entries.keys()]) this.remove(hash)
  }

  graphs(): G[] {
    return [...this.entries.values()].map(({ graph }) => graph)
  }

  private renew(hash: string, entry: Entry<G>): void {
    this.entries.delete(hash)
    this.entries.set(hash, entry)
  }

  private remove(hash: string): void {
    const entry = this.entries.get(hash)
    if (entry === undefined) return
    this.entries.delete(hash)
    this.bytes -= entry.graph.bytes
    entry.graph.dispose()
  }
}

/** Two independent 32-bit sums; equality is checked on the key itself. */
function hashOf(key: Int32Array): string {
  let a = 0x811c9dc5
  let b = key.length
  for (let i = 0; i < key.length; i++) {
    const code = key[i]!
    a = Math.imul(a ^ code, 0x01000193)
    b = (Math.imul(b, 31) + code) | 0
  }
  return `${a},${b}`
}

function sameKey(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
