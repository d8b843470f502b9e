// Compiles the WebAssembly of @dlkit/data: npm run wasm
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
import { root } from './packages.js'

const source = join(root, 'packages/data/assembly/weighted-sums.ts')

/** Where the bytes are kept, so that neither users nor tests need a compiler. */
export const compiled = join(root, 'packages/data/src/line-art/weighted-sums.wasm.ts')

/** The text of `compiled`. Throws what the compiler says. */
export async function compileWasm(): Promise<string> {
  let bytes = new Uint8Array()
  const flags = ['--optimizeLevel', '3', '--runtime', 'stub', '--enable', 'simd', '--noAssert']
  const { error, stderr } = await asc.main([source, '--outFile', 'out.wasm', ...flags], {
    writeFile: (_, contents) => {
      bytes = contents as Uint8Array<ArrayBuffer>
    },
  })
  if (error) throw new Error(stderr.toString(), { cause: error })
  const text = Buffer.from(bytes).toString('base64')
  return `// Made by scripts/build-wasm.ts from assembly/weighted-sums.ts.\nexport const weightedSums =\n  '${text}'\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(compiled, await compileWasm())
