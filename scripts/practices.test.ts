import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import '@tensorflow/tfjs-backend-cpu'
import * as checks from '@dlkit/checks'
import { type Practice, practiceOf, practices, type RunnableForm } from '@dlkit/practices'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildProgram } from '../packages/cli/src/run.js'
import { allRules } from '../packages/monitors/src/rules/all-rules.js'
import { deadLinks } from './markdown-links.js'
import { root } from './packages.js'
import { practicesPage, practicesText } from './practices-page.js'
import { type Ended, runPrograms } from './run-programs.js'

const rules = new Map<string, string>(allRules.map(({ name, practice }) => [name, practice]))
const judges = new Map(
  Object.values(checks).flatMap((value) =>
    'check' in value ? [[value.check, value.practice] as const] : [],
  ),
)
const commands = new Map(
  buildProgram(() => {}).commands.map((command) => [command.name(), command.options.map(({ long }) => long)]),
)

/** What is wrong with a runnable form; undefined if there is such a thing. */
async function faultOf(form: RunnableForm, { number }: Practice): Promise<string | undefined> {
  switch (form.kind) {
    case 'command': {
      const options = commands.get(form.name)
      const unknown = form.options.find((option) => !options?.includes(option))
      return options === undefined ? `no command ${form.name}` : unknown && `${form.name} has no ${unknown}`
    }
    case 'rule':
      return rules.get(form.name) === number ? undefined : `no rule ${form.name} of ${number}`
    case 'check':
      return judges.get(form.name) === number ? undefined : `no check ${form.name} of ${number}`
    case 'export':
      return form.name in (await import(form.from)) ? undefined : `${form.from} exports no ${form.name}`
  }
}

test('the practices are P1 to P34', () => {
  expect(practices.map(({ number }) => number)).toEqual(practices.map((_, index) => `P${index + 1}`))
  expect(practices).toHaveLength(34)
  expect(practiceOf('P9').title).toMatch(/gradients/)
  expect(() => practiceOf('P35' as 'P1')).toThrow('practiceOf: expected P1 to P34, got P35.')
})

describe('each practice', () => {
  test.each(practices)('$number has a form that runs, and all that it names exist', async (practice) => {
    expect(practice.runs).not.toEqual([])
    const faults = await Promise.all(practice.runs.map((form) => faultOf(form, practice)))
    expect(faults.filter(Boolean)).toEqual([])
  })

  test.each(practices.filter(({ effect }) => effect))(
    '$number has an effect that its file tells',
    ({ effect }) => {
      expect(readFileSync(join(root, effect!.file), 'utf8')).toContain(effect!.evidence)
    },
  )
})

test('every rule and check is a form of the practice that it cites', () => {
  const named = (kind: 'rule' | 'check') =>
    practices.flatMap(({ number, runs }) =>
      runs.flatMap((form) => (form.kind === kind ? [`${form.name} ${number}`] : [])),
    )
  const cited = (cites: ReadonlyMap<string, string>) =>
    [...cites].map(([name, number]) => `${name} ${number}`)
  expect(named('rule').sort()).toEqual(cited(rules).sort())
  expect(named('check').sort()).toEqual(cited(judges).sort())
})

describe('the example of each practice', () => {
  const programs = Object.fromEntries(practices.map(({ number, example }) => [number, example.code]))
  let ended: Ended[]
  beforeAll(() => {
    ended = runPrograms(programs)
  })

  test.each(practices)('$number runs and prints what it promises', ({ number, example }) => {
    const { printed, error } = ended.find(({ name }) => name === number)!
    expect(error).toBeUndefined()
    expect(printed).toContain(example.prints)
    expect(example.code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(10)
  })
})

test('docs/practices.md is made from the table (npm run practices-page), and no link of it is dead', () => {
  const written = readFileSync(practicesPage, 'utf8')
  expect(written).toBe(practicesText())
  expect(deadLinks(written, practicesPage)).toEqual([])
  const broken = '[a](no-file.md) [b](practices.md#no-heading) [c](http://example.org) [d](practices.md)'
  expect(deadLinks(broken, practicesPage)).toEqual([
    'no-file.md',
    'practices.md#no-heading',
    'http://example.org',
  ])
})
