import { describe, expect, test } from 'vitest'
import { chooseEngine } from '../use-engine.js'
import { cpuEngine } from './cpu.js'
import { onnxRuntimeEngine, onnxRuntimeFailure } from './onnxruntime.js'

const here = `${process.platform}-${process.arch}`
const notFound = (message: string) => Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' })

describe('the engine onnxruntime', () => {
  test('says that npm left it out', () => {
    const error = notFound("Cannot find package '@dlkit/backend-onnxruntime' imported from /x/engine.js")
    expect(onnxRuntimeFailure(error)).toBe(
      `not installed: npm left @dlkit/backend-onnxruntime out on ${here}`,
    )
  })

  test('passes on why its binary does not load, in one line', () => {
    const reason = `onnxruntime-node 1.30.0 does not load on ${here}: Error loading shared library`
    expect(onnxRuntimeFailure(new Error(`${reason}\n  at x`))).toBe(reason)
    expect(onnxRuntimeFailure(notFound("Cannot find package 'protobufjs'"))).toBe(
      "Cannot find package 'protobufjs'",
    )
  })

  test('makes way for the next engine, with the reason', async () => {
    const reason = `onnxruntime-node 1.30.0 does not load on ${here}: no binary`
    const broken = { ...onnxRuntimeEngine, activate: () => Promise.reject(new Error(reason)) }
    const choice = await chooseEngine([broken, cpuEngine], {})
    expect(choice.name).toBe('cpu')
    expect(choice.others).toEqual([{ name: 'onnxruntime', reason }])
  })
})
