import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type EngineName, useEngine } from '@dlkit/engine'
import { build } from 'esbuild'
import { runSpecs } from '../../packages/backend-onnxruntime/conformance/run-specs.js'
import { root } from '../packages.js'
import { knownDifferences } from './known-differences.js'

/*
 * Runs the test suite that tfjs-core publishes against an engine, as useEngine prepares it:
 *   npm run conformance:engine -- tfjs-node
 *   npm run conformance:engine -- wasm batchNorm        only specs whose name contains the text
 */
const [prefer, text] = parseArgs({ allowPositionals: true }).positionals
const { name, version } = await useEngine({ ...(prefer && { prefer: prefer as EngineName }), threads: 1 })
console.log(`${name} ${version}`)

const core = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-core/package.json'))
const bundle = join(root, 'node_modules/.cache/conformance/suite.mjs')
mkdirSync(dirname(bundle), { recursive: true })
await build({
  stdin: {
    // Environment and suite share a copy of tfjs-core, which shares the backends and kernels of this process.
    contents: `import './environment.ts'\nimport '@tensorflow/tfjs-core/dist/tests'`,
    resolveDir: import.meta.dirname,
  },
  outfile: bundle,
  bundle: true,
  format: 'esm',
  platform: 'node',
  mainFields: ['module', 'main'],
  // The package calls its tests free of side effects, so they would be dropped.
  ignoreAnnotations: true,
  alias: { '@tensorflow/tfjs-core': core },
  logLevel: 'error',
  banner: { js: `import { createRequire as r } from 'node:module'; const require = r(import.meta.url);` },
})
process.exit(await runSpecs(bundle, knownDifferences[name] ?? {}, text))
