import { existsSync } from 'node:fs'
import { join, posix, relative } from 'node:path'
import { root } from '../../scripts/packages.js'

/** The page that is made of a Markdown file of the repository; undefined where a file is no page. */
export function pageOf(file: string): string | undefined {
  const [, readme] = file.match(/^packages\/([^/]+)\/README\.md$/) ?? []
  if (readme) return `packages/${readme}.md`
  const [, name, module] =
    file.match(/^site\/generated\/api\/([^/]+)\/src(?:\/.*?([^/]+?)(?:-\d)?)?\.md$/) ?? []
  if (name) return `api/${name}${module ? `-${module}` : ''}.md`
  if (/^packages\/[^/]+\/(RULES|FAULTS|MODEL_CARD)\.md$/.test(file)) return file.toLowerCase()
  if (/^(ARCHITECTURE|CONTRIBUTING)\.md$/.test(file)) return file.toLowerCase()
  if (file === 'docs/practices.md') return 'practices.md'
  return file.match(/^site\/(?:generated\/)?(.*\.md)$/)?.[1]
}

/** Markdown that is no page. */
export const noPages = [
  '**/{node_modules,dist,runs,fixtures}/**',
  '!(ARCHITECTURE|CONTRIBUTING).md',
  'packages/*/!(README|RULES|FAULTS|MODEL_CARD).md',
  'packages/testing/*.md',
  'packages/*/*/**',
  '{bench,examples,scripts}/**',
]

/**
 * A link between files of the repository as the site has it: pages by their path, other files where the repository is
 * published; undefined where that is not known, so that no link remains.
 *
 * @param from the file with the link, from the root of the repository.
 */
export function siteLink(from: string, target: string, repository?: string): string | undefined {
  if (/^([a-z]+:|#|\/)/i.test(target)) return target
  const [path, anchor] = target.split('#') as [string, string?]
  const file = posix.join(posix.dirname(from), decodeURIComponent(path)).replace(/\/$/, '')
  const hash = anchor === undefined ? '' : `#${anchor}`
  if (file === 'README.md') return '/'
  const [, example] = file.match(/^examples\/(\d\d-[\w-]+)\.ts$/) ?? []
  if (example) return `/examples#${example}`
  const readme = posix.join(file, 'README.md')
  const page = pageOf(existsSync(join(root, readme)) ? readme : file)
  if (page) return `/${page.replace(/(index)?\.md$/, '')}${hash}`
  return repository && `https://github.com/${repository}/blob/HEAD/${file}${hash}`
}

export const fromRoot = (file: string): string => relative(root, file).replaceAll('\\', '/')
