/** Numbers in a typed array that grows by half when it is full. */
export class GrowingArray {
  #content = new Float64Array(256)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#content.length) {
      const larger = new Float64Array(Math.ceil(this.#length * 1.5))
      larger.set(this.#content)
      this.#content = larger
    }
    this.#content[this.#length++] = value
  }

  /** A view of what is in it. */
  get values(): Float64Array {
    return this.#content.subarray(0, this.#length)
  }
}
