import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { practices } from '@dlkit/practices'
import { expect, test, vi } from 'vitest'
import { dlkit, modulesOf } from '../../tests/dlkit-process.js'

vi.setConfig({ testTimeout: 60_000 })

const explain = (...args: string[]) => dlkit(['explain', ...args], tmpdir())

test('prints a practice with what runs it, an example and its source', async () => {
  const { code, stdout } = await explain('p9')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^P9: Watch for gradients that vanish or explode\n\n/)
  expect(stdout).toMatch(/^Rules: non-finite, .*vanishing-gradient/m)
  expect(stdout).toMatch(/^ {4}const monitor = new Monitor\(/m)
  expect(stdout).toContain('215')
  expect(stdout).toMatch(/\nhttps:\/\/\S+\n$/)
})

test('prints what a rule is about, and the practice behind it', async () => {
  const { stdout } = await explain('dead-units')
  expect(stdout).toMatch(/^dead-units, a rule of the monitors\n\nP13, warning\. More than `share`/)
  expect(stdout).toContain('Thresholds: `active` 0.01')
  expect(stdout).toContain('P13: ReLUs die; leaky ones do not')
})

test('a name that a rule and a check share prints both, and their practice once', async () => {
  const { stdout } = await explain('initial-loss')
  expect(stdout).toContain('initial-loss, a rule of the monitors')
  expect(stdout).toContain('initial-loss, a check before a training\n\nWhat must hold: that of a guess')
  expect(stdout.match(/^P16: /gm)).toHaveLength(1)
})

test('without a name lists all practices; every rule and check has a text', async () => {
  const list = (await explain()).stdout.trim().split('\n')
  expect(list).toHaveLength(practices.length)
  expect(list[8]).toBe('P9   Watch for gradients that vanish or explode')
  const names = new Set(
    practices.flatMap(({ runs }) =>
      runs.flatMap((form) => (form.kind === 'rule' || form.kind === 'check' ? [form.name] : [])),
    ),
  )
  const { explanations } = await import('../explain/explanations.js')
  const explained = explanations()
  expect(new Set(explained.map(({ name }) => name))).toEqual(new Set([...names, 'colour-collapse']))
  expect(explained.filter(({ text }) => text.length < 20)).toEqual([])
})

test('--json prints an object per line', async () => {
  const lines = (await explain('vanishing-gradient', '--json')).stdout.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { kind: 'rule', name: 'vanishing-gradient', practice: 'P9' },
    { number: 'P9', title: expect.any(String), example: { code: expect.any(String) } },
  ])
})

test('an unknown name is refused with the one that was probably meant', async () => {
  const refusal = async (name: string) => {
    const { code, stdout, stderr } = await explain(name)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    return stderr
  }
  expect(await refusal('vanishing-gradients')).toBe(
    'dlkit: there is no practice, rule or check "vanishing-gradients"; did you mean vanishing-gradient?\n',
  )
  expect(await refusal('something')).toContain(
    'choose P1 to P34, or the name that a finding or a check shows',
  )
})

test('loads no TensorFlow.js', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dlkit-explain-'))
  try {
    const modules = await modulesOf(['explain', 'P9'], folder)
    expect(modules.filter((module) => module.includes('tensorflow'))).toEqual([])
    expect(modules.length).toBeGreaterThan(10)
  } finally {
    await rm(folder, { recursive: true })
  }
})
