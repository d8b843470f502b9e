import { afterAll, describe, expect, test } from 'vitest'
import { modelBytes } from '../graph/model-bytes.js'
import { openBinding } from './binding.js'
import { CApi } from './c-api.js'
import { openCRuntime } from './c-runtime.js'
import { isOnDevice, type Memory, type Runtime } from './session.js'

const value = (name: string) => ({ name, type: 'float32' as const, shape: [2, 3] })
const model = (op: string) => ({
  bytes: modelBytes({
    nodes: [{ op, inputs: ['a', 'b'], outputs: ['y'] }],
    inputs: [value('a'), value('b')],
    outputs: [value('y')],
    initializers: [],
  }),
  inputs: ['a', 'b'],
  outputs: ['y'],
})
const tensor = (data: Memory) => ({ type: 'float32' as const, shape: [2, 3], data })
const a = Float32Array.of(1, 2, 3, 4, 5, 6)
const b = Float32Array.of(6, 5, 4, 3, 2, 10)

const runtimes: [string, Runtime][] = [
  ['the native module', openBinding()],
  ['C functions', openCRuntime()],
  ['C functions with resident tensors', openCRuntime({ resident: true })],
]

describe.each(runtimes)('a session by %s', (_, runtime) => {
  const session = runtime.createSession(model('Sub'), { threads: 1 })
  afterAll(() => session.dispose())

  test('writes into the memory that it is given, again and again', () => {
    const y = new Float32Array(6)
    session.run([tensor(a), tensor(b)], [tensor(y)])
    expect([...y]).toEqual([-5, -3, -1, 1, 3, -4])
    session.run([tensor(b), tensor(a)], [tensor(y)])
    expect([...y]).toEqual([5, 3, 1, -1, -3, 4])
  })

  test('reads the view of a larger array, not the array', () => {
    const view = Float32Array.of(9, 9, ...a, 9).subarray(2, 8)
    const y = new Float32Array(6)
    session.run([tensor(view), tensor(a)], [tensor(y)])
    expect([...y]).toEqual([0, 0, 0, 0, 0, 0])
  })

  test('says what ONNX Runtime says of a model that it refuses', () => {
    expect(() => runtime.createSession(model('Nonsense'), { threads: 1 })).toThrow('Nonsense')
  })

  test('says what ONNX Runtime says of inputs that do not fit, and runs afterwards', () => {
    const y = new Float32Array(6)
    const wrong = { type: 'float32' as const, shape: [3], data: new Float32Array(3) }
    expect(() => session.run([tensor(a), wrong], [tensor(y)])).toThrow(/Invalid rank for input: b/)
    session.run([tensor(a), tensor(b)], [tensor(y)])
    expect(y[0]).toBe(-5)
  })
})

describe('memory of a device', () => {
  const runtime = openCRuntime({ resident: true })
  const device = runtime.device!

  test('holds what is written, and hands out copies', () => {
    const memory = device.allocate('float32', 6)
    device.write(a, memory)
    const read = memory.read()
    expect(read).toEqual(a)
    read[0] = 7
    expect(memory.read()).toEqual(a)
    expect(isOnDevice(memory)).toBe(true)
    expect(memory.byteLength).toBe(24)
  })

  test('is input and output of graphs', () => {
    const session = runtime.createSession(model('Add'), { threads: 1 })
    const [x, y] = [device.allocate('float32', 6), device.allocate('float32', 6)]
    device.write(a, x)
    session.run([tensor(x), tensor(b)], [tensor(y)])
    session.dispose()
    expect([...y.read()]).toEqual([7, 7, 7, 7, 7, 16])
  })
})

test('a library of another kind is refused, not called', () => {
  expect(() => new CApi(process.platform === 'linux' ? 'libc.so.6' : 'missing')).toThrow()
})
