// Fills the package from onnxruntime-node of the same version.
const { linkSync, mkdirSync, copyFileSync, readdirSync, rmSync } = require('node:fs')
const { dirname, join } = require('node:path')

const manifest = require.resolve('onnxruntime-node/package.json')
const { version } = require(manifest)
const expected = require('./package.json').version
if (version !== expected)
  throw new Error(`onnxruntime-node ${version} is installed, ${expected} is to be packed.`)

const fetched = /providers_/ // CUDA, which onnxruntime-node's script may have downloaded.
for (const folder of ['bin', 'dist']) {
  rmSync(join(__dirname, folder), { recursive: true, force: true })
  for (const entry of readdirSync(join(dirname(manifest), folder), {
    recursive: true,
    withFileTypes: true,
  })) {
    if (!entry.isFile() || fetched.test(entry.name) || entry.name.endsWith('.map')) continue
    const from = join(entry.parentPath, entry.name)
    const to = join(__dirname, from.slice(dirname(manifest).length))
    mkdirSync(dirname(to), { recursive: true })
    try {
      linkSync(from, to)
    } catch {
      copyFileSync(from, to)
    }
  }
}
