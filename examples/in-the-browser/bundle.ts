import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Bundles TypeScript in this folder for a `<script>`; an import of a Node module is an error. */
export async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    conditions: ['@dlkit/source'],
    logLevel: 'error',
  })
  return outputFiles[0]!.text
}
