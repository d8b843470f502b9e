import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { onnxruntimeStats, useOnnxRuntime } from '../src/index.js'
import { operations } from './random-operations.js'
import { gradientsOf, type Program, programs, type Reading, valuesOf } from './random-program.js'

beforeAll(() => useOnnxRuntime({ threads: 1 }))

/** Runs on one backend; nothing may be left behind. */
function on(backend: string, program: Program, run: (program: Program) => Reading[]): Reading[] {
  tf.setBackend(backend)
  const before = tf.memory()
  const readings = run(program)
  const after = tf.memory()
  expect([after.numTensors, after.numDataBuffers]).toEqual([before.numTensors, before.numDataBuffers])
  return readings
}

const described = (readings: Reading[]) => readings.map(({ what, shape, dtype }) => ({ what, shape, dtype }))

function expectSame(program: Program, run: (program: Program) => Reading[]): void {
  const expected = on('cpu', program, run)
  const actual = on('onnxruntime', program, run)
  expect(onnxruntimeStats().pendingOperations).toBe(0)
  expect(described(actual)).toEqual(described(expected))
  // Rounding of large intermediate results reaches small results by subtraction.
  const largest = Math.max(
    1,
    ...expected.flatMap(({ values }) => [...values].map(Math.abs).filter(Number.isFinite)),
  )
  for (const [index, { values, dtype }] of expected.entries()) {
    if (dtype !== 'float32') expect([...actual[index]!.values]).toEqual([...values])
    expectClose(actual[index]!.values, values, { absolute: 2e-5 * largest, relative: 1e-3 })
  }
}

const options = { numRuns: 400, seed: 4, endOnFailure: false }

test('values of random programs equal those of cpu', { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(programs, (program) => expectSame(program, valuesOf)),
    options,
  )
})

test('gradients of random programs equal those of cpu', { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(programs, (program) => expectSame(program, gradientsOf)),
    options,
  )
})

test('the random programs use every operation', () => {
  const used = fc.sample(programs, options).flatMap(({ steps }) => steps.map(({ operation }) => operation))
  expect(new Set(used).size).toBe(operations.size)
})
