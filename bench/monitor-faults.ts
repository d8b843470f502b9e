// Which faults the monitors name, by which rule and after how many steps, and whether healthy trainings stay silent.
// Writes packages/monitors/FAULTS.md: npm run faults:monitors. A word as argument picks scenarios and writes nothing.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { useEngine } from '@dlkit/engine'
import { faults } from '../packages/monitors/tests/faults.js'
import { healthy } from '../packages/monitors/tests/healthy.js'
import { STEPS } from '../packages/monitors/tests/scenario.js'

const [word = ''] = process.argv.slice(2)
const chosen = ({ name, architecture }: { name: string; architecture: string }) =>
  `${architecture}: ${name}`.includes(word)

const { name: engine, version } = await useEngine()
const rows: string[] = []
let named = 0
for (const { name, architecture, expected, run } of faults.filter(chosen)) {
  const findings = (await run()).filter(({ step, severity }) => step <= STEPS && severity !== 'info')
  const hit = findings.find(({ rule }) => expected.includes(rule))
  if (hit) named++
  const others = [...new Set(findings.map(({ rule }) => rule))].filter((rule) => rule !== hit?.rule)
  rows.push(
    `| ${name} | ${architecture} | ${hit ? `\`${hit.rule}\`` : '**not found**'} | ${hit?.step ?? '–'} | ${others.join(', ')} |`,
  )
  console.log(rows.at(-1))
}

const quiet: string[] = []
let silent = 0
for (const { name, architecture, run } of healthy.filter(chosen)) {
  const findings = await run()
  const alarms = findings.filter(({ severity }) => severity !== 'info').map(({ rule }) => rule)
  if (alarms.length === 0) silent++
  const notes = findings.filter(({ severity }) => severity === 'info').map(({ rule }) => rule)
  quiet.push(`| ${name} | ${architecture} | ${alarms.join(', ') || 'none'} | ${notes.join(', ') || 'none'} |`)
  console.log(quiet.at(-1))
}
console.log(`${named} of ${rows.length} faults named, ${silent} of ${quiet.length} healthy trainings silent`)

const text = `# What the monitors find

Made by \`npm run faults:monitors\` (engine ${engine} ${version}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}); the trainings are in
[tests/](tests). Default settings, at most ${STEPS} steps each.

## Faults

${named} of ${rows.length} are named by a rule that is right about them. "Also" lists what else the fault leads to.

| fault | network | rule | step | also |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

## Healthy trainings

${silent} of ${quiet.length} raise nothing above "info".

| training | network | warnings | notes |
| --- | --- | --- | --- |
${quiet.join('\n')}
`
if (word === '')
  writeFileSync(fileURLToPath(new URL('../packages/monitors/FAULTS.md', import.meta.url)), text)
const isGood = named >= rows.length * (28 / 30) && silent === quiet.length
process.exitCode = isGood ? 0 : 1
