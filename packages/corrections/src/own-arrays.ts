import { engine, findBackend } from '@tensorflow/tfjs-core'

type Engine = ReturnType<typeof engine>

const copying = Symbol.for('@dlkit/corrections: arrays of the user are copied')

/**
 * Tensors of the cpu backend have the values of their array at creation. TensorFlow.js keeps the array itself there, so
 * that a batch that is filled anew changes the batches before; the other backends copy it on their own.
 */
export function copyArraysOfUsers(): void {
  const own = engine() as Engine & { [copying]?: true }
  if (own[copying]) return
  own[copying] = true
  const makeTensor = own.makeTensor.bind(own)
  own.makeTensor = ((values, shape, dtype, backend) => {
    const isKept = ArrayBuffer.isView(values) && (backend ?? own.backend) === findBackend('cpu')
    return makeTensor(isKept ? copyOf(values as Uint8Array) : values, shape, dtype, backend)
  }) as Engine['makeTensor']
}

/** The `slice` of a Buffer is a view. */
const copyOf = (values: Uint8Array): Uint8Array =>
  values.constructor.name === 'Buffer' ? new Uint8Array(values) : values.slice()
