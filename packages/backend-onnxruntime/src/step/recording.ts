import { engine, type Optimizer } from '@tensorflow/tfjs-core'
import type { Lazy } from '../graph/types.js'
import type { NativeData } from '../native/session.js'
import type { TensorEntry } from '../tensor-entry.js'
import { uniform } from './uniform.js'

/** Numbers that the program hands to TensorFlow.js while a step is recorded. */
export interface Written {
  /** As they were when the step was recorded. */
  readonly values: NativeData
  /** The place in the program. */
  readonly where: Error
  /** What they are in the next step, where that is known; else they have to stay the same. */
  next?: () => NativeData
  /** What they are in the next step if they turn out to differ from step to step: those of `tf.dropout`. */
  readonly redraw: (() => NativeData) | undefined
}

/** What a step does that its graph does not show. */
export class StepRecording {
  /** Where the leaves of the trace come from, in their order. */
  readonly leaves: { entry: TensorEntry; lazy: Lazy }[] = []
  readonly written = new Map<TensorEntry, Written>()
  /** Optimizers that counted a step, each time they did. */
  readonly counted: Optimizer[] = []
  /** Those of which a changed learning rate is noticed. */
  readonly followed = new Set<object>()
  /** The first thing that a graph cannot do again. */
  obstacle: { what: string; where: Error } | undefined

  wrote(entry: TensorEntry): void {
    const { data } = entry.stored()
    if (ArrayBuffer.isView(data)) {
      const redraw = isDropout() ? () => uniform(data.length) : undefined
      this.written.set(entry, { values: data.slice() as NativeData, where: new Error(), redraw })
    } else this.prevents('a tensor of texts or complex numbers')
  }

  /** Notes what the numbers of a tensor, made just now, will be in each further step. */
  follow(entry: TensorEntry, next: () => NativeData, optimizer?: object): void {
    const written = this.written.get(entry)
    if (written === undefined) return
    written.next = next
    if (optimizer !== undefined) this.followed.add(optimizer)
  }

  prevents(what: string): void {
    this.obstacle ??= { what, where: new Error(what) }
  }
}

/** Whether numbers that are written now are those that `tf.dropout` compares with its rate. */
function isDropout(): boolean {
  const { scopeStack } = engine().state
  return scopeStack.at(-1)?.name === 'randomUniform__op' && scopeStack.at(-2)?.name === 'dropout__op'
}

/** `file:line:column` of the program behind an error: the first place outside of TensorFlow.js and of what changes it. */
export function placeOf(error: Error): string {
  const lines = (error.stack ?? '').split('\n').slice(1)
  const own = lines.find(
    (line) => !/node_modules|(backend-onnxruntime|corrections)\/(src|dist)|node:internal/.test(line),
  )
  return /\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?$/.exec(own ?? '')?.[1] ?? 'an unknown place'
}
