import * as tf from '@tensorflow/tfjs-core'

type Slots = Map<string, tf.Variable>

const SHARED = ''

/** What the transforms of a chain remember: variables by slot, for each weight and for all weights together. */
export class ChainState {
  /** By the name of the weight, in the order in which weights came first. */
  #slots = new Map<string, Slots>([[SHARED, new Map()]])
  /** By position, until the weights are known that they belong to. */
  #loaded: { name: string; slots: Slots }[] = []
  #strict = new Set<string>()

  /** The variable of a slot, made when it is asked for first. */
  variable(slot: string, shape: number[], fill: number, weight = SHARED): tf.Variable {
    const slots = this.#slots.get(weight)!
    let variable = slots.get(slot)
    if (variable === undefined) {
      if (this.#strict.has(weight))
        fail(`"${slot}" among the tensors`, [...slots.keys()].join(', ') || 'none')
      // Values that are stored: recorded ones would make the first step a graph of its own.
      const values = new Float32Array(tf.util.sizeFromShape(shape)).fill(fill)
      variable = tf.tidy(() => tf.variable(tf.tensor(values, shape), false))
      slots.set(slot, variable)
    } else if (variable.shape.join() !== shape.join()) {
      fail(`shape [${shape}] of "${slot}"${weight && ` of ${weight}`}`, `[${variable.shape}]`)
    }
    return variable
  }

  /** Makes the weights of a step known; loaded states find theirs by name or, where names are new, by position. */
  meet(weights: readonly string[]): void {
    const loaded = this.#loaded
    if (loaded.length > 0) {
      const saved = new Set(loaded.filter(({ slots }) => slots.size > 0).map(({ name }) => name))
      const byName =
        [...saved].every((name) => weights.includes(name)) || weights.every((name) => saved.has(name))
      if (!byName && loaded.length > weights.length) {
        fail(`states of ${weights.length} weights or fewer`, `${loaded.length}`)
      }
      for (const [position, { name, slots }] of loaded.entries()) {
        const weight = byName && saved.has(name) ? name : weights[position]
        if (weight === undefined || (slots.size === 0 && saved.has(weight))) continue
        this.#slots.set(weight, slots)
        if (slots.size > 0) this.#strict.add(weight)
      }
      this.#loaded = []
    }
    for (const weight of weights) if (!this.#slots.has(weight)) this.#slots.set(weight, new Map())
  }

  /** The variables by name: `0.adam/correction`, and `0.adam/first/3/dense/kernel` of the weight at position 3. */
  tensors(): Record<string, tf.Variable> {
    const weights = [...this.#slots].filter(([weight]) => weight !== SHARED)
    const known = [...weights.map(([name, slots]) => ({ name, slots })), ...this.#loaded]
    const named: [string, tf.Variable][] = [...this.#slots.get(SHARED)!]
    for (const [position, { name, slots }] of known.entries()) {
      for (const [slot, variable] of slots) named.push([`${slot}/${position}/${name}`, variable])
    }
    return Object.fromEntries(named)
  }

  /** Replaces all states by copies of tensors from {@link tensors}. */
  load(tensors: Readonly<Record<string, tf.Tensor>>, elements: readonly string[]): void {
    const entries = Object.entries(tensors).map(([name, tensor]) => {
      const [, slot, element, position, weight] = /^(([^/]+)\/[^/]+)(?:\/(\d+)\/(.*))?$/s.exec(name) ?? []
      if (slot === undefined || !elements.includes(element!)) fail(`tensors of ${elements.join(', ')}`, name)
      if (tensor.dtype !== 'float32') fail(`float32 "${name}"`, tensor.dtype)
      return { slot, tensor, position, weight }
    })
    this.dispose()
    for (const { slot, tensor, position, weight } of entries) {
      const variable = tf.variable(tensor, false)
      if (position === undefined) this.#slots.get(SHARED)!.set(slot, variable)
      else {
        for (let i = this.#loaded.length; i <= Number(position); i++)
          this.#loaded.push({ name: '', slots: new Map() })
        const place = this.#loaded[Number(position)]!
        place.name = weight!
        place.slots.set(slot, variable)
      }
    }
    if (entries.length > 0) this.#strict.add(SHARED)
  }

  dispose(): void {
    tf.dispose(Object.values(this.tensors()))
    this.#slots = new Map([[SHARED, new Map()]])
    this.#loaded = []
    this.#strict.clear()
  }
}

function fail(expected: string, got: string): never {
  throw new RangeError(
    `chain: expected ${expected}, got ${got}. Use the chain and the weights that the state was saved with.`,
  )
}
