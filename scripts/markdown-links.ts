import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const CODE = /^```[\s\S]*?^```|`[^`\n]+`/gm

/** The anchor that GitHub gives a heading. */
export const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

/**
 * Links of a page that lead nowhere: to no file, or to no heading of it. Addresses in the web have to be well-formed and
 * https; whether they answer is not asked.
 */
export function deadLinks(text: string, file: string): string[] {
  const links = [...text.replace(CODE, '').matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)]
  return links
    .map(([, target]) => target!)
    .filter((target) => {
      if (/^[a-z]+:/i.test(target)) return !URL.canParse(target) || !/^(https|mailto):/.test(target)
      const [path, anchor] = target.split('#')
      const aim = path === '' ? file : join(dirname(file), decodeURIComponent(path!))
      return !existsSync(aim) || (anchor !== undefined && !anchorsOf(aim).includes(anchor))
    })
}

/** Anchors of a page; of a folder, those of its README, as GitHub shows it. */
function anchorsOf(path: string): string[] {
  const readme = join(path, 'README.md')
  const text = readFileSync(existsSync(readme) ? readme : path, 'utf8').replace(/^```[\s\S]*?^```/gm, '')
  const seen = new Map<string, number>()
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => {
    const anchor = anchorOf(heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1'))
    const times = seen.get(anchor) ?? 0
    seen.set(anchor, times + 1)
    return times === 0 ? anchor : `${anchor}-${times}`
  })
}
