import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configSchema, presets } from '@dlkit/gan-colorize/config'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UsageError } from '../errors.js'
import { resolveConfig } from './resolve-config.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-config-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

/** The message of the error, with the folder's path shortened. */
async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(UsageError)
  return (error as Error).message.replace(/(\S*\/)?dlkit-config-\w+\//g, '')
}

describe('a configuration', () => {
  test('is the preset under the file under the options', async () => {
    const path = await file('a.json', '{"steps": 7, "batch": 3, "model": {"filters": 8}}')
    const config = await resolveConfig(path, 'demo', { batch: '2' })
    expect(config).toMatchObject({ steps: 7, batch: 2, size: presets.demo.size })
    expect(config.model).toMatchObject({ filters: 8, levels: presets.demo.model.levels })
  })

  test.each([
    ['a.config.ts', 'export default { steps: 9 as number }'],
    ['a.yaml', 'steps: 9'],
    ['a.mjs', 'export default () => ({ steps: 9 })'],
  ])('may be written as %s', async (name, content) => {
    expect((await resolveConfig(await file(name, content), undefined, {})).steps).toBe(9)
  })

  test('may name its preset; the option wins', async () => {
    const path = await file('a.json', '{"preset": "demo", "batch": 3}')
    expect(await resolveConfig(path, undefined, {})).toMatchObject({ steps: presets.demo.steps, batch: 3 })
    expect((await resolveConfig(path, 'debug', {})).steps).toBe(presets.debug.steps)
    expect(await messageOf(resolveConfig(await file('b.json', '{"preset": 3}'), undefined, {}))).toBe(
      'b.json:1: preset: expected demo or standard or quality or debug, got 3',
    )
  })

  test('of a run to start from lies under preset, file and options', async () => {
    const run = { name: 'runs/a', config: configSchema.parse({ size: 32, batch: 5, steps: 9 }) }
    const path = await file('a.json', '{"batch": 3}')
    expect(await resolveConfig(path, undefined, { steps: '4' }, run)).toMatchObject({
      size: 32,
      batch: 3,
      steps: 4,
    })
    expect((await resolveConfig(undefined, 'demo', {}, run)).steps).toBe(presets.demo.steps)
  })

  test('finds a relative data folder from the file, and from the current folder for the option', async () => {
    const path = await file('a.json', '{"data": "pictures"}')
    await mkdir(join(folder, 'pictures'))
    expect((await resolveConfig(path, undefined, {})).data).toBe(join(folder, 'pictures'))
    expect((await resolveConfig(path, undefined, { data: '.' })).data).toBe(process.cwd())
    expect((await resolveConfig(path, undefined, { data: 'openmoji' })).data).toBe('openmoji')
  })
})

describe('a mistake', () => {
  test.each([
    ['{"model": {"filters": "many"}}', {}, 'a.json:1: model.filters: expected a number, got "many"'],
    ['{"model": {"filterz": 3}}', {}, 'a.json:1: model.filterz: unknown key, did you mean model.filters?'],
    ['{"filters": 3}', {}, 'a.json:1: filters: unknown key, did you mean model.filters?'],
    ['{"pineapple": 3}', {}, 'a.json:1: pineapple: unknown key'],
    ['{"steps": null}', {}, 'a.json:1: steps: expected a number, got null'],
    ['{"model": 3}', {}, 'a.json:1: model: expected an object, got 3'],
    ['{"loss": {"adversarial": "x"}}', {}, 'a.json:1: loss.adversarial: expected "hinge" or "bce", got "x"'],
    ['{"optimizer": {"beta1": 1}}', {}, 'a.json:1: optimizer.beta1: expected less than 1, got 1'],
    [
      '{"size": 40}',
      {},
      'a.json:1: size: expected a multiple of 16 (2 to the power of model.levels), got 40',
    ],
    ['{}', { size: '3' }, '--size: expected at least 16, got 3'],
    ['{"size": 3}', { size: 'big' }, '--size: expected a number, got "big"'],
    ['{}', { batch: '2.5' }, '--batch: expected a whole number, got 2.5'],
    ['{}', { steps: '' }, '--steps: expected a number, got ""'],
    [
      '{"seed": 1,\n"engine": "onxruntime"}',
      {},
      'a.json:2: engine: expected auto, onnxruntime-cuda, tfjs-node-gpu, onnxruntime, tfjs-node, wasm or cpu, got "onxruntime"; did you mean onnxruntime?',
    ],
    ['[3]', {}, 'a.json: expected an object, got [3]'],
    [
      '{"data": "openmojis"}',
      {},
      'a.json:1: data: expected openmoji or a folder, archive or list of pictures, got openmojis (no such file or folder); did you mean openmoji?',
    ],
    [
      '{}',
      { data: './nope' },
      '--data: expected openmoji or a folder, archive or list of pictures, got ./nope (no such file or folder)',
    ],
    [
      '{\n  "model": {\n    "filterz": 3\n  },\n  "steps": 0.5\n}',
      {},
      'a.json:5: steps: expected a whole number, got 0.5; a.json:3: model.filterz: unknown key, did you mean model.filters?',
    ],
    [
      '{"seed": -1, "steps": 0}',
      {},
      'a.json:1: steps: expected at least 1, got 0; a.json:1: seed: expected at least 0, got -1',
    ],
  ])('in %s with %o is named', async (content, flags, message) => {
    expect(await messageOf(resolveConfig(await file('a.json', content), undefined, flags))).toBe(message)
  })

  test('in the syntax of a file names the file, and its line where that is known', async () => {
    const trailing = await file('a.json', '{\n"steps": 3,\n}')
    expect(await messageOf(resolveConfig(trailing, undefined, {}))).toMatch(
      /^a\.json:3: cannot be read as configuration: /,
    )
    expect(await messageOf(resolveConfig(await file('a.json', '{"steps":'), undefined, {}))).toMatch(
      /^a\.json: cannot be read as configuration: .*JSON/,
    )
    expect(await messageOf(resolveConfig(await file('a.yaml', ''), undefined, {}))).toBe(
      'a.yaml: cannot be read as configuration: expected an object',
    )
  })

  test('in the name of a file or preset names it', async () => {
    expect(await messageOf(resolveConfig('nowhere.json', undefined, {}))).toBe(
      'nowhere.json: no such configuration file',
    )
    expect(await messageOf(resolveConfig(await file('a.json', '{}'), 'demos', {}))).toBe(
      '--preset: expected demo or standard or quality or debug, got demos; did you mean demo?',
    )
  })
})
