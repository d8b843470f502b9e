import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'

/** Links and pictures of a folder of HTML that lead to no file of it, or to no element of a page. */
export function deadSiteLinks(folder: string, base = '/'): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.html'),
  )
  const pages = new Map(files.map((file) => [join(folder, file), readFileSync(join(folder, file), 'utf8')]))
  const fileOf = (path: string, from: string) => {
    const file = path.startsWith(base) ? join(folder, path.slice(base.length)) : join(dirname(from), path)
    if (path === '') return from
    return path.endsWith('/') ? join(file, 'index.html') : extname(file) ? file : `${file}.html`
  }
  return [...pages].flatMap(([page, html]) =>
    [...html.matchAll(/ (?:href|src)="([^"]*)"/g)]
      .map(([, target]) => target!.replaceAll('&amp;', '&'))
      .filter((target) => !/^([a-z]+:|\/\/)/i.test(target))
      .filter((target) => {
        const [path, anchor] = target.split('#') as [string, string?]
        const file = fileOf(decodeURIComponent(path), page)
        if (!existsSync(file)) return true
        return !!anchor && !pages.get(file)?.includes(` id="${decodeURIComponent(anchor)}"`)
      })
      .map((target) => `${page.slice(folder.length + 1)}: ${target}`),
  )
}
