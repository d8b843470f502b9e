import { modelBytes } from './graph/model-bytes.js'
import { onnxRuntimeVersion } from './native/binding.js'
import { isOnDevice, type Memory, type Runtime } from './native/session.js'

/**
 * Runs a graph of one addition.
 *
 * @throws {Error} when it does not add.
 */
export function selfTest(runtime: Runtime): void {
  const value = (name: string) => ({ name, type: 'float32' as const, shape: [2] })
  const session = runtime.createSession(
    {
      bytes: modelBytes({
        nodes: [{ op: 'Add', inputs: ['a', 'b'], outputs: ['sum'] }],
        inputs: [value('a'), value('b')],
        outputs: [value('sum')],
        initializers: [],
      }),
      inputs: ['a', 'b'],
      outputs: ['sum'],
    },
    { threads: 1 },
  )
  const tensor = (data: Memory) => ({ type: 'float32' as const, shape: [2], data })
  const sum = runtime.device?.allocate('float32', 2) ?? new Float32Array(2)
  session.run([tensor(Float32Array.of(1, 2)), tensor(Float32Array.of(3, 5))], [tensor(sum)])
  const result = isOnDevice(sum) ? sum.read() : sum
  if (isOnDevice(sum)) runtime.device!.free(sum)
  session.dispose()
  if (result[0] !== 4 || result[1] !== 7) {
    throw new Error(
      `ONNX Runtime ${onnxRuntimeVersion}: expected 1 + 3 = 4 and 2 + 5 = 7, got ${result.join()}.`,
    )
  }
}
