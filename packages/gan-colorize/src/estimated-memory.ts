import type { Config } from './config.js'

const PROGRAM = 500e6
/** What a step keeps for its gradients, per pixel and for 32 filters; measured from 64² to 512². */
const PER_PIXEL = 9_000

/**
 * Bytes of memory that a training on the onnxruntime engine takes at its peak, within about a fifth: the program, what a
 * step keeps of every pixel of its batch, and the scores of self-attention, which grow with the square of a picture's
 * pixels.
 */
export function estimatedMemory({ size, batch, model }: Config): number {
  const filters = Math.max(model.filters, model.discriminatorFilters) / 32
  const tokens = (size / 4) ** 2
  const scores = model.attention ? 4 * tokens ** 2 : 0
  return PROGRAM + batch * size ** 2 * PER_PIXEL * filters + scores
}
