import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { exclusions } from './exclusions.js'
import { runSpecs } from './run-specs.js'

/*
 * Runs the test suite that tfjs-core publishes against this backend, or against another one:
 *   npm run conformance
 *   CONFORMANCE_BACKEND=cpu npm run conformance
 *   CONFORMANCE_DEVICE=gpu CONFORMANCE_EVERY=8 npm run conformance        each eighth spec, on a GPU
 *   npm run conformance -- batchNorm        only specs whose name contains the text
 */

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)
const core = dirname(require.resolve('@tensorflow/tfjs-core/package.json'))
const directory = join(here, '../node_modules/.cache/conformance')
const bundle = join(directory, 'suite.mjs')
mkdirSync(directory, { recursive: true })

await build({
  stdin: {
    contents: `import './setup.ts'\nimport '@tensorflow/tfjs-core/dist/tests'`,
    resolveDir: here,
    loader: 'ts',
  },
  outfile: bundle,
  bundle: true,
  format: 'esm',
  platform: 'node',
  mainFields: ['module', 'main'],
  conditions: ['@dlkit/source'],
  target: 'node20',
  // The package calls its tests free of side effects, so they would be dropped.
  ignoreAnnotations: true,
  alias: { '@tensorflow/tfjs-core': core },
  plugins: [
    {
      // Backend and tests have to share one engine.
      name: 'one-core',
      setup: ({ onResolve }) => {
        onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, () => ({ path: join(core, 'dist/index.js') }))
      },
    },
  ],
  external: ['onnxruntime-node', 'koffi'],
  logLevel: 'error',
  banner: { js: `import { createRequire as r } from 'node:module'; const require = r(import.meta.url);` },
})

process.exit(await runSpecs(bundle, exclusions, process.argv[2]))
