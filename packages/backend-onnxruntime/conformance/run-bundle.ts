import { fileURLToPath } from 'node:url'
import { exclusions } from './exclusions.js'
import { runSpecs } from './run-specs.js'

/* Runs the suite that lies beside it as suite.mjs, where it cannot be bundled. */
process.exit(
  await runSpecs(fileURLToPath(new URL('suite.mjs', import.meta.url)), exclusions, process.argv[2]),
)
