// Checks what npm users get: package.json and files (publint), types under each resolution mode (attw), sizes.
import { spawnSync } from 'node:child_process'
import { publicPackages, root } from './packages.js'

function run(command: string, args: string[], cwd: string): boolean {
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', command, ...args], {
    cwd,
    encoding: 'utf8',
  })
  if (status !== 0) process.stdout.write(`${command} ${args.join(' ')} in ${cwd}\n${stdout}${stderr}\n`)
  return status === 0
}

const passed = publicPackages.flatMap(({ folder, name }) => {
  const results = [
    run('publint', ['--strict'], folder),
    run('attw', ['--pack', '.', '--profile', 'esm-only'], folder),
  ]
  console.log(`${results.every(Boolean) ? 'ok    ' : 'failed'} ${name}`)
  return results
})
passed.push(run('size-limit', [], root))
process.exitCode = passed.every(Boolean) ? 0 : 1
