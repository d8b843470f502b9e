import { findBackend, getBackend } from '@tensorflow/tfjs-core'
import { OnnxRuntimeBackend } from './backend.js'

/** A registered backend, if it is one of this package. */
export function registered(name: string): OnnxRuntimeBackend | undefined {
  const backend = findBackend(name)
  return backend instanceof OnnxRuntimeBackend ? backend : undefined
}

/** The backend in use, if it is one of this package. */
export const currentBackend = (): OnnxRuntimeBackend | undefined => registered(getBackend())
