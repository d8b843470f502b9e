import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const own = '@dlkit/onnxruntime'
const upstream = 'onnxruntime-node'

/**
 * The package that brings ONNX Runtime: our own, which has no install script, or onnxruntime-node where that alone is
 * filled, as in this repository.
 */
export function installedPackage(require: NodeJS.Require): string {
  const folder = folderOf(own, require)
  const filled = folder !== undefined && existsSync(join(folder, 'dist'))
  return filled || folderOf(upstream, require) === undefined ? own : upstream
}

/** The folder with the binaries for this platform. */
export function installedFolder(): string {
  const require = createRequire(import.meta.url)
  return binaries(dirname(require.resolve(`${installedPackage(require)}/package.json`)))
}

/** The same of onnxruntime-node, whose install script may have fetched CUDA. */
export function upstreamFolder(): string | undefined {
  const folder = folderOf(upstream, createRequire(import.meta.url))
  return folder && binaries(folder)
}

const binaries = (folder: string): string => join(folder, 'bin/napi-v6', process.platform, process.arch)

function folderOf(name: string, require: NodeJS.Require): string | undefined {
  try {
    return dirname(require.resolve(`${name}/package.json`))
  } catch {
    return undefined
  }
}
