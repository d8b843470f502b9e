/** How fast something goes lately, and how long it still takes. Times are in milliseconds. */
export class Rate {
  private readonly marks: { done: number; time: number }[] = []

  /** @param window how far back "lately" reaches. */
  constructor(private readonly window = 30_000) {}

  observe(done: number, time: number): void {
    this.marks.push({ done, time })
    while (this.marks.length > 2 && time - this.marks[1]!.time >= this.window) this.marks.shift()
  }

  /** Units per second, 0 while unknown. */
  get perSecond(): number {
    const [first, last] = [this.marks[0], this.marks.at(-1)]
    if (!first || !last || last.time <= first.time) return 0
    return ((last.done - first.done) / (last.time - first.time)) * 1000
  }

  /** Seconds until `total`, undefined while unknown. */
  secondsTo(total: number): number | undefined {
    const last = this.marks.at(-1)
    return last && this.perSecond > 0 ? (total - last.done) / this.perSecond : undefined
  }
}
