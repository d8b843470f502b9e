import type { TensorInfo } from '@tensorflow/tfjs-core'
import { LoopCutter } from './graph/repetition.js'
import type { Trace } from './graph/trace.js'
import type { TensorEntries } from './tensor-entry.js'

/** Recorded operations, and bytes of input, at which the graph is cut wherever that is. */
const maximumTrace = 65_536
const maximumLeafBytes = 1 << 30

/**
 * Where the graphs of loops that never read a value end. Where the program multiplies with a variable that has been
 * updated twice, two steps are recorded and the next one begins; other loops are cut where they repeat themselves.
 */
export class UnreadLoops {
  /** The part of the program since a value was read or a step was cut off: where assignments are counted. */
  stretch = {}
  /** Whether graphs of this stretch ran already. */
  private isCut = false
  private readonly rounds = new LoopCutter()

  constructor(private readonly entries: TensorEntries) {}

  /** A value was read, or a step ends. */
  begin(): void {
    this.rounds.begin()
    this.stretch = {}
    this.isCut = false
  }

  /** The stretch goes on after a part of it has run. */
  goOn(stretch: object): void {
    this.stretch = stretch
    this.isCut = true
  }

  /** Whether what is recorded ends before this kernel: because a step does, or in the midst of a loop. */
  endsBefore(
    kernel: string,
    inputs: readonly (TensorInfo | null | undefined)[],
    trace: Trace,
  ): 'step' | 'part' | undefined {
    const limit = this.isCut ? 1 : contractions.has(kernel) ? 2 : 16
    if (inputs.some((x) => x && this.entries.get(x.dataId).assignments(this.stretch) >= limit)) return 'step'
    const isPart =
      this.rounds.isDue(trace) || trace.size >= maximumTrace || trace.leafBytes >= maximumLeafBytes
    return isPart ? 'part' : undefined
  }
}

/** The kernels by which the weights of a network enter a step, unlike updates and moving averages. */
const contractions = new Set([
  'BatchMatMul',
  '_FusedMatMul',
  'Einsum',
  'Conv2D',
  'FusedConv2D',
  'Conv3D',
  'DepthwiseConv2dNative',
  'FusedDepthwiseConv2D',
  'Conv2DBackpropInput',
  'Conv3DBackpropInputV2',
  'GatherV2',
])
