import { free, input, type Kernel, runKernel, values } from './kernel-tools.js'

/**
 * Gradient of nearest-neighbour resizing. Enlarging by whole factors repeats pixels, so the gradient sums them
 * again: average pooling times the number of pixels.
 */
export const resizeNearestNeighborGrad =
  (original: Kernel): Kernel =>
  (call) => {
    const { backend, inputs, attrs } = call
    const dy = input(inputs, 'dy')
    const [, height, width] = input(inputs, 'images').shape as [number, number, number]
    const [, outHeight, outWidth] = dy.shape as [number, number, number]
    const factors = [outHeight / height, outWidth / width] as [number, number]
    if (attrs.alignCorners || !factors.every(Number.isInteger)) return original(call)
    // A pooling window of one pixel is not allowed, and nothing has to be summed.
    const [down, across] = factors
    if (down * across === 1) return original(call)
    const pooling = { filterSize: factors, strides: factors, pad: 'valid' }
    const mean = runKernel(backend, 'AvgPool', { x: dy }, pooling)
    const scale = backend.makeOutput([], 'float32')
    values(backend, scale).fill(down * across)
    const sum = runKernel(backend, 'Multiply', { a: mean, b: scale }, {})
    free(backend, mean)
    free(backend, scale)
    return sum
  }
