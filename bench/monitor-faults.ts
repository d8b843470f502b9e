// Which faults the monitors name, by which rule and after how many steps, and whether healthy trainings stay silent, in
// three draws of all random numbers. Writes packages/monitors/FAULTS.md: npm run faults:monitors. A word as argument
// picks scenarios and writes nothing.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { useEngine } from '@dlkit/engine'
import { faults } from '../packages/monitors/tests/faults.js'
import { healthy } from '../packages/monitors/tests/healthy.js'
import { STEPS } from '../packages/monitors/tests/scenario.js'

const DRAWS = 3
const [word = ''] = process.argv.slice(2)
const chosen = ({ name, architecture }: { name: string; architecture: string }) =>
  `${architecture}: ${name}`.includes(word)

async function inAllDraws<T>(run: (draw: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (let draw = 0; draw < DRAWS; draw++) results.push(await run(draw))
  return results
}
const unique = (names: string[]) => [...new Set(names)]

const { name: engine, version } = await useEngine()
const rows: string[] = []
let named = 0
for (const { name, architecture, expected, run } of faults.filter(chosen)) {
  const draws = await inAllDraws(async (draw) => {
    const findings = (await run(draw)).filter(({ step, severity }) => step <= STEPS && severity !== 'info')
    return { findings, hit: findings.find(({ rule }) => expected.includes(rule)) }
  })
  const hits = draws.flatMap(({ hit }) => (hit ? [hit] : []))
  named += hits.length
  const rules = unique(hits.map(({ rule }) => rule))
  const others = unique(draws.flatMap(({ findings }) => findings.map(({ rule }) => rule)))
  const steps = unique(draws.map(({ hit }) => String(hit?.step ?? '–')))
  rows.push(
    `| ${name} | ${architecture} | ${rules.map((rule) => `\`${rule}\``).join(', ') || '**not found**'} | ${steps.join(', ')} | ` +
      `${hits.length === DRAWS ? 'all' : hits.length} | ${others.filter((rule) => !rules.includes(rule)).join(', ')} |`,
  )
  console.log(rows.at(-1))
}

const quiet: string[] = []
let silent = 0
for (const { name, architecture, run } of healthy.filter(chosen)) {
  const draws = await inAllDraws(run)
  const alarmsOf = (findings: (typeof draws)[number]) =>
    findings.filter(({ severity }) => severity !== 'info')
  silent += draws.filter((findings) => alarmsOf(findings).length === 0).length
  const alarms = unique(draws.flatMap((findings) => alarmsOf(findings).map(({ rule }) => rule)))
  const notes = unique(
    draws.flatMap((findings) =>
      findings.flatMap(({ rule, severity }) => (severity === 'info' ? [rule] : [])),
    ),
  )
  quiet.push(`| ${name} | ${architecture} | ${alarms.join(', ') || 'none'} | ${notes.join(', ') || 'none'} |`)
  console.log(quiet.at(-1))
}
const runs = { faults: DRAWS * rows.length, healthy: DRAWS * quiet.length }
console.log(
  `${rows.length} faults in ${DRAWS} draws: ${named} of ${runs.faults} named; ` +
    `${quiet.length} healthy trainings: ${silent} of ${runs.healthy} silent`,
)

const text = `# What the monitors find

Made by \`npm run faults:monitors\` (engine ${engine} ${version}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}); the trainings are in
[tests/](tests). Default settings, at most ${STEPS} steps each, in ${DRAWS} draws of all random numbers.

## Faults

${rows.length} faults; ${named} of ${runs.faults} trainings with one are named by a rule that is right about it. "Also" lists what else the fault leads to.

| fault | network | rule | step | draws | also |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

## Healthy trainings

${quiet.length} trainings; ${silent} of ${runs.healthy} raise nothing above "info".

| training | network | warnings | notes |
| --- | --- | --- | --- |
${quiet.join('\n')}
`
if (word === '')
  writeFileSync(fileURLToPath(new URL('../packages/monitors/FAULTS.md', import.meta.url)), text)
const isGood = named >= 0.95 * runs.faults && silent === runs.healthy
process.exitCode = isGood ? 0 : 1
