import { spawnSync } from 'node:child_process'

/** The first Python here that has PyTorch. */
export function pythonWithTorch(): string | undefined {
  return ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0,
  )
}
