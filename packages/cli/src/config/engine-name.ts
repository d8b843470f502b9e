import type { EngineName } from '@dlkit/engine'
import { UsageError } from '../errors.js'
import { closest } from './closest.js'

const engines = {
  auto: true,
  'onnxruntime-cuda': true,
  'tfjs-node-gpu': true,
  onnxruntime: true,
  'tfjs-node': true,
  wasm: true,
  cpu: true,
} satisfies Record<'auto' | EngineName, true>

const isEngine = (name: string): name is keyof typeof engines => Object.hasOwn(engines, name)

/** The engine that is named; undefined where it is to be the best one. @param place the option or the key that names it. */
export function engineName(name: string | undefined, place: string): EngineName | undefined {
  if (name === undefined || name === 'auto') return undefined
  if (isEngine(name)) return name as EngineName
  const names = Object.keys(engines)
  const meant = closest(name, names)
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  throw new UsageError(
    `${place}: expected ${names.slice(0, -1).join(', ')} or ${names.at(-1)}, got "${name}"${hint}`,
  )
}
