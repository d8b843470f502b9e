import { totalmem } from 'node:os'

/** What this process may use: all of the machine's memory, or what its container has. */
export function availableMemory(): number {
  const bound = process.constrainedMemory()
  return bound > 0 && bound < totalmem() ? bound : totalmem()
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`

/** What to say of a training that will not fit into memory, before it starts. */
export function memoryWarning(needed: number, available = availableMemory()): string | undefined {
  if (needed <= available) return undefined
  return (
    `This training needs about ${gigabytes(needed)} of memory, ${gigabytes(available)} are there. ` +
    'Lower --batch, --size or model.filters'
  )
}
