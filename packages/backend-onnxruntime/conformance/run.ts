import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { exclusions } from './exclusions.js'

/*
 * Runs the test suite that tfjs-core publishes against this backend, or against another one:
 *   npm run conformance
 *   CONFORMANCE_BACKEND=cpu npm run conformance
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

interface SpecResult {
  fullName: string
  status: string
  failedExpectations: { message: string }[]
}

const text = process.argv[2]
const jasmine = require('jasmine-core').boot()
const env = jasmine.getEnv()
env.configure({
  random: false,
  specFilter: (spec: { getFullName(): string }) => {
    const name = spec.getFullName()
    return (text === undefined || name.includes(text)) && !(name in exclusions)
  },
})

let passed = 0
const failures: SpecResult[] = []
env.addReporter({
  specDone: (result: SpecResult) => {
    if (result.status === 'passed') passed++
    if (result.status === 'failed') failures.push(result)
  },
})
const started = performance.now()
await import(pathToFileURL(bundle).href)
await env.execute()
for (const { fullName, failedExpectations } of failures) {
  console.log(`FAILED ${fullName}\n       ${failedExpectations[0]?.message.split('\n', 1)[0]}`)
}
const seconds = ((performance.now() - started) / 1000).toFixed(1)
const excluded = Object.keys(exclusions).length
console.log(`${passed} specs passed, ${failures.length} failed, ${excluded} excluded, in ${seconds} s`)
process.exit(failures.length === 0 ? 0 : 1)
