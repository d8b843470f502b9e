import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { load, onnxRuntimeVersion } from './binding.js'

const here = `${process.platform}-${process.arch}`
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dlkit-native-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Loads from a folder in which onnxruntime-node is made of the given files. */
function loadWith(files: Record<string, string>): () => unknown {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, 'node_modules/onnxruntime-node', name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  return () => load(createRequire(join(folder, 'program.js')))
}

const manifest = (version = onnxRuntimeVersion) => JSON.stringify({ version, main: 'index.js' })
const session = (...methods: string[]) =>
  `class InferenceSession { ${methods.map((name) => `${name}() {}`).join(' ')} }
   module.exports = { binding: { InferenceSession }, initOrt() {} }`
const index = 'exports.Tensor = class {}'

describe('the native module', () => {
  test('is the one that package.json pins', () => {
    const require = createRequire(import.meta.url)
    expect(require('../../package.json').dependencies['@dlkit/onnxruntime']).toBe(onnxRuntimeVersion)
    expect(require('@dlkit/onnxruntime/package.json')).toMatchObject({
      version: onnxRuntimeVersion,
      dependencies: { 'onnxruntime-common': onnxRuntimeVersion },
      devDependencies: { 'onnxruntime-node': onnxRuntimeVersion },
    })
    expect(require('onnxruntime-node/package.json').version).toBe(onnxRuntimeVersion)
  })

  test('says that it is not installed', () => {
    expect(loadWith({})).toThrow(
      `@dlkit/onnxruntime ${onnxRuntimeVersion} does not load on ${here}: Cannot find module '@dlkit/onnxruntime/package.json'`,
    )
  })

  test('says that another version is installed', () => {
    expect(loadWith({ 'package.json': manifest('9.8.7') })).toThrow(
      `onnxruntime-node ${onnxRuntimeVersion} does not load on ${here}: expected version ${onnxRuntimeVersion}, got 9.8.7`,
    )
  })

  test('says that there is no binary for this platform', () => {
    const binding = "require('../bin/napi-v6/sunos/sparc/onnxruntime_binding.node')"
    expect(loadWith({ 'package.json': manifest(), 'dist/binding.js': binding, 'index.js': index })).toThrow(
      `onnxruntime-node ${onnxRuntimeVersion} does not load on ${here}: Cannot find module '../bin/napi-v6/sunos/sparc/onnxruntime_binding.node'`,
    )
  })

  test('says why the binary does not load', () => {
    const binding =
      "throw new Error('Error loading shared library ld-linux-x86-64.so.2: No such file\\n  at x')"
    expect(loadWith({ 'package.json': manifest(), 'dist/binding.js': binding, 'index.js': index })).toThrow(
      new Error(
        `onnxruntime-node ${onnxRuntimeVersion} does not load on ${here}: Error loading shared library ld-linux-x86-64.so.2: No such file`,
      ),
    )
  })

  test.each([
    ['no session class', 'module.exports = { binding: {}, initOrt() {} }', index],
    ['a session without dispose', session('loadModel', 'run', 'endProfiling'), index],
    [
      'no initialization',
      session('loadModel', 'run', 'dispose', 'endProfiling').replace('initOrt', 'other'),
      index,
    ],
    ['no tensor class', session('loadModel', 'run', 'dispose', 'endProfiling'), 'exports.Other = 1'],
  ])('says that the module is of another shape: %s', (_, binding, main) => {
    expect(loadWith({ 'package.json': manifest(), 'dist/binding.js': binding, 'index.js': main })).toThrow(
      `onnxruntime-node ${onnxRuntimeVersion}: expected a session class with loadModel, run and dispose, got another shape`,
    )
  })

  test('takes a module of the right shape', () => {
    const binding = session('loadModel', 'run', 'dispose', 'endProfiling')
    expect(loadWith({ 'package.json': manifest(), 'dist/binding.js': binding, 'index.js': index })()).toEqual(
      {
        Session: expect.any(Function),
        Tensor: expect.any(Function),
      },
    )
  })
})
