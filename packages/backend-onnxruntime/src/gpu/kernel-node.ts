import type { Node, Shape, Value } from '../graph/types.js'

/** Threads of a block; gpu-kernel.c in `@dlkit/native` has it, too. */
export const threadsPerBlock = 256

/** What a GPU computes in one launch. */
export interface Kernel {
  readonly blocks: number
  /** Declarations of what the body reads, after the addresses `x0, x1, … y0, y1, …`. */
  readonly numbers: readonly (readonly [name: string, value: number])[]
  /** In CUDA C++, of one block. The arguments are members of `a`. */
  readonly body: string
}

/**
 * A node whose operator is written in its attributes. Sizes are arguments, so that kernels that differ in nothing else are
 * compiled once.
 */
export function kernelNode(inputs: readonly Value[], kernel: Kernel, outputs: readonly Value[]): Node {
  const { numbers, body } = kernel
  const source = [
    'struct Arguments {',
    ...inputs.map((_, i) => `  const float *x${i};`),
    ...outputs.map((_, i) => `  float *y${i};`),
    ...numbers.map(([name]) => `  unsigned ${name};`),
    '};',
    'KERNEL {',
    body,
    '}',
    '',
  ].join('\n')
  const attributes = {
    source,
    shapes: outputs.flatMap(({ shape }) => [shape.length, ...shape]),
    numbers: [kernel.blocks, ...numbers.map(([, value]) => value)],
  }
  return { kind: 'node', op: 'dlkit.Kernel', attributes, inputs, outputs }
}

/** A number of 32 bits as it is written in CUDA C++, with all its bits. */
export function float(value: number): string {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0]!
  return `__uint_as_float(0x${bits.toString(16)}u)`
}

/** Values that no recording has. */
export class NewValues {
  private next = -1

  of(shape: Shape): Value {
    const node: Node = { kind: 'node', op: '', attributes: undefined, inputs: [], outputs: [] }
    return { id: this.next--, type: 'float32', shape, node }
  }
}
