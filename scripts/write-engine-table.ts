// Measures every engine that works here and writes the table of engines into README.md. Times are written on a quiet
// machine only; what was not measured is called that.
//   npm run engine-table
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { type EngineName, useEngine } from '@dlkit/engine'
import { measureSteps } from './measure-steps.js'
import { root } from './packages.js'
import { withPart } from './readme-part.js'

const engines: EngineName[] = ['onnxruntime-cuda', 'tfjs-node-gpu', 'onnxruntime', 'tfjs-node', 'wasm', 'cpu']
const part = {
  start: '<!-- engines; written by: npm run engine-table -->',
  end: '<!-- end of engines -->',
}
const [size, batch] = [64, 8]
const notMeasured = 'not measured'

const cores = cpus()
// What runs beside would be measured, too.
const isQuiet = loadavg()[0]! < 0.5 * cores.length

/** A name and the cells of its row. */
function row(name: EngineName, reason: string | undefined): string[] {
  const works = reason === undefined || !/^(not installed|binary missing|no CUDA|CUDA|needs)/.test(reason)
  if (!works) return [name, ...Array<string>(4).fill(notMeasured)]
  console.log(name)
  const steps = isQuiet && name !== 'cpu' ? 40 : 2
  const { version, times, fallbacks, megabytes } = measureSteps(name, size, batch, steps)
  const late = times.slice(times.length >> 1).sort((a, b) => a - b)
  return [
    `${name} ${version}`,
    conformance(name),
    isQuiet ? `${late[late.length >> 1]!.toPrecision(3)} ms` : notMeasured,
    name === 'cpu' ? 'all' : fallbacks.join(', ') || 'none',
    `${Math.round(megabytes)} MB`,
  ]
}

function conformance(name: EngineName): string {
  const parameters = [...process.execArgv, join(root, 'scripts/conformance/run.ts'), name]
  const { stdout } = spawnSync(process.execPath, parameters, { encoding: 'utf8', maxBuffer: 2 ** 26 })
  const [, passed, failed, excluded] = /(\d+) specs passed, (\d+) failed, (\d+) excluded/.exec(stdout)!
  return `${passed} of ${[passed, failed, excluded].reduce((sum, count) => sum + Number(count), 0)}`
}

const { name: first, others } = await useEngine()
const reasons = new Map(others.map(({ name, reason }) => [name, reason]))
const heads = ['engine', 'specs of tfjs-core passed', 'step', 'computed in plain JavaScript', 'peak memory']
const rows = engines.map((name) => row(name, name === first ? undefined : reasons.get(name)))
const table = [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
const date = new Date().toISOString().slice(0, 10)
const note =
  `_A step is one update of both players of pix2pix at ${size}², batch ${batch} (\`bench/pix2pix.ts\`), seed 1, median, 2 threads ` +
  `where they can be chosen; ${cores.length} × ${cores[0]!.model.trim()}, Node ${process.versions.node}, ${date}._`
const file = join(root, 'README.md')
writeFileSync(file, withPart(readFileSync(file, 'utf8'), part, `${table}\n\n${note}`))
console.log(`${table}\n\n${note}`)
