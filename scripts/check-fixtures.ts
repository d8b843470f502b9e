// Runs fixture scripts again and compares what they write with the committed files, number by number; the committed
// files stay as they are. Each script says in its head what it needs:
//   npm run fixtures -- python3 packages/layers/fixtures/make-torch-references.py
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** Other versions of the same library sum in another order; the values have nine digits. */
const TOLERANCE = 1e-6

function agree(actual: unknown, expected: unknown): boolean {
  if (typeof expected === 'number' && typeof actual === 'number') {
    return Math.abs(actual - expected) <= TOLERANCE * Math.max(1, Math.abs(expected))
  }
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) {
    return actual === expected
  }
  const [a, e] = [Object.entries(actual), Object.entries(expected)]
  return (
    a.length === e.length &&
    e.every(([key, value], index) => a[index]![0] === key && agree(a[index]![1], value))
  )
}

function check(python: string, script: string): boolean {
  const folder = dirname(resolve(script))
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  const read = () => new Map(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
  const committed = read()
  try {
    for (const name of files) writeFileSync(join(folder, name), 'null')
    const { status, stderr } = spawnSync(python, [resolve(script)], {
      encoding: 'utf8',
    })
    if (status !== 0) {
      console.log(`failed ${script}\n${stderr}`)
      return false
    }
    const written = [...read()].filter(([, text]) => text !== 'null')
    const differing = written.filter(
      ([name, text]) => !agree(JSON.parse(text), JSON.parse(committed.get(name)!)),
    )
    const passed = written.length > 0 && differing.length === 0
    console.log(`${passed ? 'ok    ' : 'differ'} ${script} ${written.map(([name]) => name).join(' ')}`)
    return passed
  } finally {
    for (const [name, text] of committed) writeFileSync(join(folder, name), text)
  }
}

const [python, ...scripts] = process.argv.slice(2)
if (!python || scripts.length === 0) {
  console.log('Name an interpreter and scripts: python3 packages/*/fixtures/make-*.py')
  process.exitCode = 1
} else {
  process.exitCode = scripts.map((script) => check(python, script)).every(Boolean) ? 0 : 1
}
