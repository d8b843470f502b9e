import * as tf from '@tensorflow/tfjs-core'

/** Reads a value that is available once the pack has been read. */
export type Slot = () => ArrayLike<number>

/**
 * Gathers tensors on the device and reads them back with one transfer. `add` gives a function that returns the
 * values after `read` is done.
 */
export class Pack {
  private readonly parts: tf.Tensor[] = []
  private size = 0
  private values: Float32Array = new Float32Array()

  add(tensor: tf.Tensor): Slot {
    const start = this.size
    const flat = tf.reshape(tensor, [1, tensor.size])
    this.parts.push(flat.dtype === 'float32' ? flat : tf.cast(flat, 'float32'))
    this.size += tensor.size
    const end = this.size
    return () => this.values.subarray(start, end)
  }

  /** One tensor that holds everything, or undefined when nothing was added. Call it in the tidy of the additions. */
  join(): tf.Tensor | undefined {
    if (this.parts.length === 0) return undefined
    return tf.keep(tf.concat(this.parts, 1))
  }

  async read(joined: tf.Tensor | undefined): Promise<void> {
    if (!joined) return
    try {
      this.values = await joined.data<'float32'>()
    } finally {
      joined.dispose()
    }
  }
}
