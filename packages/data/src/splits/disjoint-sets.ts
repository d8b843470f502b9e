/** Union-find over the numbers 0 to `count - 1`; the root of a set is its smallest member. */
export class DisjointSets {
  readonly #parent: Uint32Array

  constructor(count: number) {
    this.#parent = Uint32Array.from({ length: count }, (_, index) => index)
  }

  /** The smallest member of the set that `index` belongs to. */
  find(index: number): number {
    const parent = this.#parent
    let root = index
    while (parent[root] !== root) root = parent[root]!
    for (let at = index; at !== root; ) {
      const above = parent[at]!
      parent[at] = root
      at = above
    }
    return root
  }

  /** Merges the sets of `a` and `b`. */
  join(a: number, b: number): void {
    const rootA = this.find(a)
    const rootB = this.find(b)
    if (rootA !== rootB) this.#parent[Math.max(rootA, rootB)] = Math.min(rootA, rootB)
  }

  /** Merges all indices whose key is equal. */
  joinEqual(keys: readonly string[]): void {
    const first = new Map<string, number>()
    keys.forEach((key, index) => {
      const seen = first.get(key)
      if (seen === undefined) first.set(key, index)
      else this.join(seen, index)
    })
  }
}
