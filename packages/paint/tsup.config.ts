import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'tsup'
import shared from '../../tsup.config.js'
import { runtimeFolder, script, style, worker } from './src/page-from-source.js'
import { RUNTIME } from './src/runtime-files.js'

/** Parts of the page that come from others, whose licences ask to be named. */
const NOTICE =
  '// Contains Preact (MIT, © Jason Miller), fflate (MIT, © Arjun Barrett) and idb-keyval (Apache-2.0, © Jake Archibald).'

export default defineConfig({
  ...shared,
  entry: ['src/**/*.ts', '!src/**/*.test.ts', '!src/page-from-source.ts'],
  async onSuccess() {
    const lines = Object.entries({ script, style, worker }).map(
      ([name, text]) => `export const ${name} = ${JSON.stringify(text)}\n`,
    )
    lines.push("export const runtimeFolder = new URL('./runtime/', import.meta.url)\n")
    await writeFile('dist/page.js', [NOTICE, '\n', ...lines].join(''))
    await mkdir('dist/runtime', { recursive: true })
    for (const name of RUNTIME)
      await copyFile(fileURLToPath(new URL(name, runtimeFolder)), `dist/runtime/${name}`)
  },
})
