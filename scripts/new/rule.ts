import { type PracticeNumber, practices } from '@dlkit/practices'
import { before, camel, changeset, type Edits, oneMore } from './edits.js'

const source = (name: string, practice: string) => `import { list, percent } from '../finding.js'
import type { VariableReading } from '../reading.js'
import { lastingRule } from './lasting-rule.js'
import { fullName } from './variables.js'

/** TODO: what it looks for. Here: kernels of which almost all gradients are 0. */
export const ${camel(name)} = lastingRule<
  { where: string; zeros: number },
  { zeros: number; patience: number; readings: number }
>({
  name: '${name}',
  practice: '${practice}',
  thresholds: { zeros: 0.999, patience: 500, readings: 10 },
  find({ variables }, { zeros: limit }) {
    const measured = variables.filter(({ role }) => role === 'kernel')
    if (measured.length === 0) return undefined
    return measured.flatMap((kernel) => {
      const zeros = shareOfZeros(kernel)
      return zeros > limit && zeros < 1 ? [{ where: fullName(kernel), zeros }] : []
    })
  },
  describe(suspects) {
    const where = suspects.map((suspect) => suspect.where)
    const zeros = Math.max(...suspects.map((suspect) => suspect.zeros))
    return {
      severity: 'info',
      where,
      message: \`\${percent(zeros)} of the gradients of \${list(where)} are 0.\`,
      meaning: 'TODO: what that does to the training.',
      remedy: 'TODO: First rule out bugs, scaling and initialization; then the learning rate and the design.',
      values: { zeros },
    }
  },
})

function shareOfZeros({ gradient }: VariableReading): number {
  return gradient === undefined || gradient === 'missing' ? 0 : gradient.zeros
}
`

const contract = (name: string) => `import { expect, test } from 'vitest'
import { findings, kernel, names, repeat, summary } from '../../tests/readings.js'

const withZeros = (zeros: number) => () => ({
  variables: [kernel('first'), kernel('sparse', { gradient: summary({ zeros }) })],
})

test('a kernel of which almost all gradients are 0 is named, once', () => {
  const found = findings(repeat(80, withZeros(0.9995)))
  expect(names(found).map(([rule]) => rule)).toEqual(['${name}'])
  expect(found[0]!.where).toEqual(['sparse'])
})

test('a healthy kernel raises nothing', () => {
  expect(findings(repeat(80, withZeros(0.3)))).toEqual([])
})
`

const section = (name: string, practice: string) => `
## ${name}

${practice}, info. TODO: the condition. More than \`zeros\` of the gradients of a kernel are 0, and not all, for \`patience\` steps and \`readings\` looks.

First: TODO: what to do.

Thresholds: \`zeros\` 0.999, \`patience\` 500, \`readings\` 10.
`

/** A rule that looks at gradients, to be changed; its test, its place among the rules, its section and its practice. */
export function newRule(name: string, practice = 'P9'): Edits {
  if (!/^[a-z]+(-[a-z]+)*$/.test(name))
    throw new Error(`expected a name such as sparse-gradient, got ${name}`)
  if (!practices.some(({ number }) => number === (practice as PracticeNumber)))
    throw new Error(`there is no practice ${practice}`)
  const folder = 'packages/monitors'
  return {
    create: {
      [`${folder}/src/rules/${name}.ts`]: source(name, practice),
      [`${folder}/src/rules/${name}.test.ts`]: contract(name),
      ...changeset('@dlkit/monitors', `The rule \`${name}\`.`),
    },
    change: [
      {
        file: `${folder}/src/rules/all-rules.ts`,
        how: before('import type { Rule }', `import { ${camel(name)} } from './${name}.js'\n`),
      },
      { file: `${folder}/src/rules/all-rules.ts`, how: before(/\n\]/, `\n  ${camel(name)},`) },
      { file: `${folder}/RULES.md`, how: (text) => `${text.trimEnd()}\n${section(name, practice)}` },
      ...[`${folder}/README.md`, `${folder}/package.json`, 'README.md'].map((file) => ({
        file,
        how: oneMore('rules'),
      })),
      { file: practiceFile(practice), how: intoPractice(name, practice) },
    ],
    next: [
      `Write what the rule looks for into ${folder}/src/rules/${name}.ts, its test and its section of ${folder}/RULES.md, and move it in all-rules.ts to where its finding is most useful.`,
      `Plant the fault in ${folder}/tests and run npm run faults:monitors: it has to be named, and healthy trainings must raise nothing.`,
    ],
  }
}

const files: Record<string, readonly string[]> = {
  begin: ['P1', 'P2', 'P5', 'P6', 'P32', 'P34'],
  data: ['P4', 'P10', 'P11', 'P14', 'P21', 'P29'],
  design: ['P7', 'P8', 'P12', 'P13', 'P20', 'P24', 'P33'],
  watch: ['P3', 'P9', 'P17', 'P28', 'P30'],
  debug: ['P15', 'P16', 'P18', 'P19', 'P26', 'P27'],
}

const practiceFile = (practice: string): string => {
  const found = Object.keys(files).find((file) => files[file]!.includes(practice))
  return `packages/practices/src/${found ?? 'tune'}.ts`
}

const intoPractice = (name: string, practice: string) => (text: string) => {
  const at = text.indexOf(`number: '${practice}'`)
  const runs = text.indexOf('runs: [', at) + 'runs: ['.length
  return `${text.slice(0, runs)}{ kind: 'rule', name: '${name}' }, ${text.slice(runs)}`
}
