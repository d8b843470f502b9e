import type { backend_util, DataType, TensorInfo } from '@tensorflow/tfjs-core'
import { type ElementType, sizeOf } from './graph/types.js'
import type { NativeData } from './native/session.js'

/** Whether graphs can have it as an input. */
export function isSupported(x: TensorInfo | null | undefined): boolean {
  if (!x) return true
  return (x.dtype === 'float32' || x.dtype === 'int32' || x.dtype === 'bool') && sizeOf(x.shape) > 0
}

export function elementType(dtype: DataType): ElementType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype
  throw new TypeError(`onnxruntime: expected float32, int32 or bool, got ${dtype}.`)
}

/** CPU kernels leave plain arrays, and floats behind integer tensors. */
export function typed(values: backend_util.BackendValues, type: ElementType): NativeData {
  const data = values as unknown as ArrayLike<number>
  if (type === 'float32') return data instanceof Float32Array ? data : Float32Array.from(data)
  if (type === 'int32') return data instanceof Int32Array ? data : Int32Array.from(data)
  return data instanceof Uint8Array && !(data instanceof Uint8ClampedArray) ? data : Uint8Array.from(data)
}
