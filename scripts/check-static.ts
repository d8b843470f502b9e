// Everything that CI checks besides the tests; the working tree must look the same afterwards.
import { execFileSync, spawnSync } from 'node:child_process'
import { gpuStandInVariables } from './gpu-stand-in.js'
import { root } from './packages.js'

const treeState = () => execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' })

const before = treeState()
const checks = [
  ...['lint', 'types', 'build', 'hygiene', 'pack-check', 'site', 'conformance'].map((script) => ({
    name: script,
    script,
    env: {},
  })),
  { name: 'conformance without native', script: 'conformance', env: { DLKIT_NATIVE: '0' } },
  {
    name: 'conformance of a third of the specs as on a GPU',
    script: 'conformance',
    env: { ...(await gpuStandInVariables()), CONFORMANCE_EVERY: '3' },
  },
]
for (const { name, script, env } of checks) {
  const started = Date.now()
  const options = { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } } as const
  const { status } = spawnSync('npm', ['run', '--silent', script], options)
  const seconds = Math.round((Date.now() - started) / 1000)
  console.log(`${status === 0 ? 'ok    ' : 'failed'} ${name} (${seconds} s)`)
  if (status !== 0) process.exit(1)
}
if (treeState() !== before) {
  console.log(`failed clean tree: the checks changed files\n${treeState()}`)
  process.exit(1)
}
console.log('ok     clean tree')
