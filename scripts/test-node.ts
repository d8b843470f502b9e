// Runs the tests under another version of Node, whose binary comes from npm, package by package.
//   npm run test:node -- 22                   all packages, then examples, scripts and bench
//   npm run test:node -- 24 layers search     these packages
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { root } from './packages.js'

const [version, ...chosen] = process.argv.slice(2)
if (!/^\d+(\.\d+)*$/.test(version ?? '')) {
  console.log(`test:node: expected a version of Node, got ${version}. Try npm run test:node -- 24.`)
  process.exit(1)
}
const node = installed(version!)
const folders =
  chosen.length > 0
    ? chosen
    : [...readdirSync(join(root, 'packages')), '../examples', '../scripts', '../bench']
const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` }
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const failed = folders.filter((name) => {
  const tests = join('packages', name, '/')
  const run = ['run', '--reporter=dot', '--passWithNoTests', tests]
  console.log(`\n${tests}, Node ${version}`)
  return spawnSync(node, [vitest, ...run], { cwd: root, stdio: 'inherit', env }).status !== 0
})
console.log(failed.length > 0 ? `failed: ${failed.join(', ')}` : `all passed under Node ${version}`)
process.exitCode = failed.length > 0 ? 1 : 0

function installed(version: string): string {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const folder = join(root, '.cache/node', version)
  const binary = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!existsSync(binary)) {
    const parameters = ['install', '--prefix', folder, '--no-save', '--ignore-scripts', `${name}@${version}`]
    const { status } = spawnSync('npm', parameters, { stdio: 'inherit' })
    if (status !== 0) {
      console.log(`test:node: npm has no Node ${version} for this system (package ${name}).`)
      process.exit(1)
    }
  }
  return binary
}
