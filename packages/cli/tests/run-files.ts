import { readdir, truncate } from 'node:fs/promises'
import { join } from 'node:path'

export async function checkpoints(run: string): Promise<string[]> {
  return (await readdir(join(run, 'checkpoints'))).sort()
}

/** Cuts off the second half of a checkpoint's tensors. */
export async function damage(run: string, checkpoint: string): Promise<void> {
  await truncate(join(run, 'checkpoints', checkpoint, 'tensors.safetensors'), 1000)
}

/** Every file and folder below a folder. */
export async function contents(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort()
}
