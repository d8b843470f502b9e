import { engine } from '@tensorflow/tfjs-core'
import type { Trace } from './graph/trace.js'
import { sizeOf } from './graph/types.js'
import { DeviceMemoryError, megabytes } from './native/device-error.js'
import { bytesPerElement } from './native/session.js'

const most = 3

/** Does what may not fit: the error then names what takes most memory in the graph, and among the variables. */
export function withLargest<T>(trace: Trace, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw explained(error, trace)
  }
}

function explained(error: unknown, trace: Trace): unknown {
  if (!(error instanceof DeviceMemoryError) || error.largest.length > 0) return error
  const values = trace.nodes.flatMap(({ op, outputs }) =>
    outputs.map(({ type, shape }) => ({
      name: op.slice(op.lastIndexOf('.') + 1) || 'input',
      shape,
      bytes: bytesPerElement[type] * sizeOf(shape),
    })),
  )
  const variables = Object.values(engine().state.registeredVariables).map(({ name, shape, size }) => ({
    name,
    shape,
    bytes: 4 * size,
  }))
  const largest = [...values, ...variables]
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, most)
    .map(({ name, shape, bytes }) => `${name} [${shape.join(', ')}] (${megabytes(bytes)})`)
  return new DeviceMemoryError(error.device, error.room, error.cause, largest)
}
