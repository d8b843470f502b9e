import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Changes a file of a checkpoint as somebody would who keeps its manifest right. */
export function rewriteCheckpoint(
  checkpoint: string,
  name: string,
  change: (data: Uint8Array) => Uint8Array,
): void {
  const data = change(readFileSync(join(checkpoint, name)))
  writeFileSync(join(checkpoint, name), data)
  const manifest = JSON.parse(readFileSync(join(checkpoint, 'manifest.json'), 'utf8'))
  const sha256 = createHash('sha256').update(data).digest('hex')
  manifest.files[name] = { bytes: data.byteLength, sha256 }
  writeFileSync(join(checkpoint, 'manifest.json'), JSON.stringify(manifest))
}
