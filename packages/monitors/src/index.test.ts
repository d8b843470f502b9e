import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { allRules } from './rules/all-rules.js'

test('exports the public names only', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'Monitor',
    'consoleSink',
    'defineRule',
    'earlyStop',
    'gradientNorms',
    'lastingRule',
    'memorySink',
    'monitorCallback',
    'panelSink',
    'reduceOnPlateau',
    'stopOnNaN',
  ])
})

test('exports what needs files and terminals under /node', async () => {
  expect(Object.keys(await import('./node.js')).sort()).toEqual([
    'jsonLinesSink',
    'tensorBoardSink',
    'terminalSink',
  ])
})

test('every rule has a section of its own in RULES.md that names its practice and thresholds', () => {
  const text = readFileSync(new URL('../RULES.md', import.meta.url), 'utf8')
  const sections = new Map(text.split('\n## ').map((part) => [part.split('\n')[0]!, part]))
  for (const { name, practice, thresholds } of allRules) {
    const section = sections.get(name)
    expect(section, name).toBeDefined()
    expect(section, name).toContain(practice)
    for (const [threshold, value] of Object.entries(thresholds)) {
      expect(section, name).toContain(`\`${threshold}\` ${value}`)
    }
  }
})
