import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The folder of onnxruntime-node with the binaries for this platform. */
export const installedFolder = (): string =>
  join(
    dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')),
    'bin/napi-v6',
    process.platform,
    process.arch,
  )
