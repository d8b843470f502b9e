// Reads event files of the monitors back with TensorBoard's own loader, from PyPI in a virtual environment of its own.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './packages.js'

const folder = mkdtempSync(join(tmpdir(), 'dlkit-tensorboard-'))
const python = join(folder, 'bin', 'python')

function run(command: string, args: string[], env: Record<string, string> = {}): void {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`)
}

try {
  run('python3', ['-m', 'venv', folder])
  run(python, ['-m', 'pip', 'install', '--quiet', 'tensorboard'])
  const tests = ['vitest', 'run', 'packages/monitors/src/tensorboard']
  run('npx', ['--no-install', ...tests], { TENSORBOARD_PYTHON: python })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
