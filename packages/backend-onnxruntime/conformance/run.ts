import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleSuite } from './bundle.js'
import { exclusions } from './exclusions.js'
import { runSpecs } from './run-specs.js'

/*
 * Runs the test suite that tfjs-core publishes against this backend, or against another one:
 *   npm run conformance
 *   CONFORMANCE_BACKEND=cpu npm run conformance
 *   CONFORMANCE_DEVICE=gpu CONFORMANCE_EVERY=8 npm run conformance        each eighth spec, on a GPU
 *   npm run conformance -- batchNorm        only specs whose name contains the text
 */

const directory = fileURLToPath(new URL('../node_modules/.cache/conformance', import.meta.url))
const bundle = join(directory, 'suite.mjs')
mkdirSync(directory, { recursive: true })
await bundleSuite(bundle)
process.exit(await runSpecs(bundle, exclusions, process.argv[2]))
