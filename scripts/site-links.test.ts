import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pageOf, siteLink } from '../site/.vitepress/pages.js'
import { deadSiteLinks } from './site-links.js'

test('dead links, anchors and pictures of a built site are named, living ones are not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'site-'))
  mkdirSync(join(folder, 'guides'))
  writeFileSync(join(folder, 'index.html'), '<h2 id="here"></h2><a href="#here"></a><img src="/no.png">')
  writeFileSync(
    join(folder, 'guides/gpu.html'),
    '<a href="/#here"></a><a href="/#gone"></a><a href="tpu.html"></a><a href="https://x.org/"></a><a href="/guides/gpu"></a>',
  )
  expect(deadSiteLinks(folder).sort()).toEqual([
    'guides/gpu.html: /#gone',
    'guides/gpu.html: tpu.html',
    'index.html: /no.png',
  ])
})

test('links between files of the repository become links between pages', () => {
  expect(siteLink('packages/layers/README.md', '../optimizers')).toBe('/packages/optimizers')
  expect(siteLink('site/faq.md', 'guides/gpu.md#make-it-fast')).toBe('/guides/gpu#make-it-fast')
  expect(siteLink('packages/cli/README.md', '../../docs/practices.md')).toBe('/practices')
  expect(siteLink('README.md', 'examples/03-tiny-gpt.ts')).toBe('/examples#03-tiny-gpt')
  expect(siteLink('packages/layers/README.md', 'fixtures')).toBeUndefined()
  expect(siteLink('packages/layers/README.md', 'fixtures', 'a/b')).toBe(
    'https://github.com/a/b/blob/HEAD/packages/layers/fixtures',
  )
  expect(pageOf('site/generated/api/monitors/src/node.md')).toBe('api/monitors-node.md')
  expect(pageOf('examples/drawings/README.md')).toBeUndefined()
})
