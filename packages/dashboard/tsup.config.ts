import { writeFile } from 'node:fs/promises'
import { defineConfig } from 'tsup'
import shared from '../../tsup.config.js'
import { script, style } from './src/page-from-source.js'

/** Parts of the page that come from others under the MIT licence, which asks to be named. */
const NOTICE = '// Contains Preact (MIT, © Jason Miller) and uPlot (MIT, © Leon Sorokin).'

export default defineConfig({
  ...shared,
  entry: ['src/**/*.ts', '!src/**/*.test.ts', '!src/{bundle-page,page-from-source}.ts'],
  dts: { entry: ['src/index.ts', 'src/server/local-server.ts'] },
  async onSuccess() {
    const parts = Object.entries({ script, style })
    const lines = parts.map(([name, text]) => `export const ${name} = ${JSON.stringify(text)}\n`)
    await writeFile('dist/page.js', [NOTICE, '\n', ...lines].join(''))
  },
})
