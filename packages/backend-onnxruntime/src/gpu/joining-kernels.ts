import { type Node, sizeOf, type Value } from '../graph/types.js'
import { kernelNode, threadsPerBlock } from './kernel-node.js'

/*
 * Concat and Split as one kernel each: ONNX Runtime's own, where parts differ in size, read tables that the processor
 * sends with each run, so that a GPU cannot repeat the run by itself.
 */

const mostParts = 64

export const isJoining = (node: Node): boolean => {
  const parts = partsOf(node)
  return (
    parts !== undefined &&
    parts.length <= mostParts &&
    parts.every(({ type, shape }) => type === 'float32' && sizeOf(shape) > 0) &&
    parts.reduce((sum, { shape }) => sum + sizeOf(shape), 0) < 2 ** 31
  )
}

/** Of which a whole consists, along an axis. */
const partsOf = ({ op, inputs, outputs }: Node): readonly Value[] | undefined =>
  op === 'Concat' ? (inputs as readonly Value[]) : op === 'Split' ? outputs : undefined

export function joiningKernel(node: Node): Node {
  const isConcat = node.op === 'Concat'
  const whole = (isConcat ? node.outputs[0] : node.inputs[0])!
  const axis = (node.attributes!.axis as number) % whole.shape.length
  const parts = partsOf(node)!
  const inner = sizeOf(whole.shape.slice(axis + 1))
  const sizes = parts.map(({ shape }) => shape.at(axis)! * inner)
  const count = sizeOf(whole.shape)
  const copies = sizes.map((_, i) => {
    const place = `row * a.n${i} + at`
    const copy = isConcat ? `a.y0[i] = a.x${i}[${place}];` : `a.y${i}[${place}] = a.x0[i];`
    return i + 1 < sizes.length ? `if (at < a.n${i}) ${copy}\n  else { at -= a.n${i};` : copy
  })
  const body = `EACH_THREAD {
  const unsigned i = THREAD;
  if (i < a.count) {
    const unsigned row = i / a.length;
    unsigned at = i % a.length;
    ${copies.join('\n    ')}${'}'.repeat(sizes.length - 1)}
  }
}`
  const numbers = [
    ['count', count],
    ['length', whole.shape.at(axis)! * inner],
    ...sizes.map((size, i) => [`n${i}`, size] as const),
  ] as [string, number][]
  const blocks = Math.ceil(count / threadsPerBlock)
  const inputs = isConcat ? parts : [whole]
  return kernelNode(inputs, { blocks, numbers, body }, node.outputs)
}
