/** Smoothing of the loss: about the last 20 steps. */
const SMOOTHING = 0.95

/** Follows an exponential average of a loss and counts the steps since its last clear progress. */
export class ProgressTracker {
  private level: number | undefined
  private best = Number.POSITIVE_INFINITY
  private bestStep = 0
  private step = 0

  constructor(private readonly minimumProgress: number) {}

  add(step: number, value: number): void {
    if (!Number.isFinite(value)) return
    this.level = this.level === undefined ? value : SMOOTHING * this.level + (1 - SMOOTHING) * value
    this.step = step
    if (this.level < this.best - this.minimumProgress * Math.abs(this.best) || this.best === Infinity) {
      this.best = this.level
      this.bestStep = step
    }
  }

  get stepsWithoutProgress(): number {
    return this.step - this.bestStep
  }

  /** Counts from now on. */
  restart(): void {
    this.bestStep = this.step
  }
}
