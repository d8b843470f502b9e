import { modelBytes } from './graph/model-bytes.js'
import { createSession, makeNativeTensor, onnxRuntimeVersion } from './native.js'

let passed = false

/**
 * Runs a graph of one addition through the native module, the first time it is called.
 *
 * @throws {Error} when the module does not load or does not add.
 */
export function selfTest(): void {
  if (passed) return
  const value = (name: string) => ({ name, type: 'float32' as const, shape: [2] })
  const session = createSession(
    modelBytes({
      nodes: [{ op: 'Add', inputs: ['a', 'b'], outputs: ['sum'] }],
      inputs: [value('a'), value('b')],
      outputs: [value('sum')],
      initializers: [],
    }),
    { threads: 1 },
  )
  const numbers = (...values: number[]) => makeNativeTensor('float32', Float32Array.from(values), [2])
  const { sum } = session.run({ a: numbers(1, 2), b: numbers(3, 5) }, { sum: null })
  session.dispose()
  if (sum?.data[0] !== 4 || sum.data[1] !== 7) {
    throw new Error(
      `onnxruntime-node ${onnxRuntimeVersion}: expected 1 + 3 = 4 and 2 + 5 = 7, got ${sum?.data.join()}.`,
    )
  }
  passed = true
}
