// Everything that CI checks besides the tests; the working tree must look the same afterwards.
import { execFileSync, spawnSync } from 'node:child_process'
import { root } from './packages.js'

const treeState = () => execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' })

const before = treeState()
const checks = [
  'lint',
  'types',
  'build',
  'hygiene',
  'pack-check',
  'conformance',
  'conformance without native',
]
for (const check of checks) {
  const started = Date.now()
  const [script, ...without] = check.split(' ')
  const env = without.length > 0 ? { ...process.env, DLKIT_NATIVE: '0' } : process.env
  const { status } = spawnSync('npm', ['run', '--silent', script!], { cwd: root, stdio: 'inherit', env })
  console.log(
    `${status === 0 ? 'ok    ' : 'failed'} ${check} (${Math.round((Date.now() - started) / 1000)} s)`,
  )
  if (status !== 0) process.exit(1)
}
if (treeState() !== before) {
  console.log(`failed clean tree: the checks changed files\n${treeState()}`)
  process.exit(1)
}
console.log('ok     clean tree')
