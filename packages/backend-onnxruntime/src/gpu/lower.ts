import { fused } from '../graph/fusion.js'
import type { Node, Value } from '../graph/types.js'
import { Convolutions, isConvolution } from './convolutions.js'
import { elementwiseKernel } from './elementwise-kernel.js'
import { isJoining, joiningKernel } from './joining-kernels.js'
import { NewValues } from './kernel-node.js'
import { isPooling, poolingKernel } from './pooling-kernels.js'
import { isSum, sumKernels } from './sum-kernel.js'

/** The nodes of a graph with those that a GPU does better by the operators of `@dlkit/native` replaced by these. */
export function lowered(nodes: readonly Node[], outputs: readonly Value[]): Node[] {
  const values = new NewValues()
  const convolutions = new Convolutions(values)
  const expanded = nodes.flatMap((node) => (isConvolution(node) ? convolutions.lower(node) : [node]))
  return fused(expanded, outputs).flatMap((node) => {
    if (node.op === 'dlkit.Elementwise') return [elementwiseKernel(node)]
    if (isPooling(node)) return [poolingKernel(node)]
    if (isJoining(node)) return [joiningKernel(node)]
    return isSum(node) ? sumKernels(node, values) : [node]
  })
}
