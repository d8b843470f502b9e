// Writes the pages that come from elsewhere, then builds the documentation site, or serves it: npm run site, site:dev.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './packages.js'
import { entryPoints } from './public-exports.js'
import { benchmarksPage } from './site-benchmarks.js'
import { deadSiteLinks } from './site-links.js'

const generated = join(root, 'site/generated')
const run = (program: string, ...args: string[]) =>
  execFileSync(process.execPath, [join(root, 'node_modules', program), ...args], {
    cwd: root,
    stdio: 'inherit',
  })

/** TypeDoc calls modules by their file; readers know them by what they import. */
function nameModules(): void {
  const named = (text: string) =>
    text.replace(
      /(^# |\[)([\w-]+)\/src(?:\/[\w/-]*?([\w-]+))?(?=\]|$)/gm,
      (_, before, name, module) => `${before}@dlkit/${name}${module ? `/${module}` : ''}`,
    )
  const api = join(generated, 'api')
  for (const file of readdirSync(api, { recursive: true, encoding: 'utf8' })) {
    const path = join(api, file)
    if (file.endsWith('.md')) writeFileSync(path, named(readFileSync(path, 'utf8')))
  }
}

rmSync(generated, { recursive: true, force: true })
mkdirSync(generated, { recursive: true })
run('typedoc/bin/typedoc', ...entryPoints().values())
nameModules()
writeFileSync(join(generated, 'benchmarks.md'), benchmarksPage())
const command = process.argv[2] ?? 'build'
run('vitepress/bin/vitepress.js', command, 'site')
if (command === 'build') {
  const [, name] = process.env.GITHUB_REPOSITORY?.split('/') ?? []
  const dead = deadSiteLinks(join(root, 'site/.vitepress/dist'), name ? `/${name}/` : '/')
  for (const link of dead) console.log(`dead link in ${link}`)
  if (dead.length > 0) process.exitCode = 1
}
