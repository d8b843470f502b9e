import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, type MarkdownOptions } from 'vitepress'
import { anchorOf } from '../../scripts/markdown-links.js'
import { publicPackages, root } from '../../scripts/packages.js'
import { fromRoot, noPages, pageOf, siteLink } from './pages.js'

/** "owner/name" in GitHub's workflows: where links to sources lead, and below which path Pages shows the site. */
const repository = process.env.GITHUB_REPOSITORY

const titleOf = (file: string) => readFileSync(join(root, file), 'utf8').match(/^# (.+)$/m)![1]!
const guides = [
  'own-model',
  'colour-your-comics',
  'train-your-colourizer',
  'tune-on-three-machines',
  'gpu',
  'browser',
  'from-tfjs-node',
  'from-keras',
  'from-pytorch',
].map((name) => ({ text: titleOf(`site/guides/${name}.md`), link: `/guides/${name}` }))
const packagePages = (folder: string) =>
  publicPackages
    .filter((entry) => folder === 'packages' || existsSync(join(entry.folder, 'src/index.ts')))
    .map(({ name }) => ({ text: name, link: `/${folder}/${name.replace('@dlkit/', '')}` }))

/** Links of READMEs, which are right on GitHub, as links of the site; those that lead nowhere there become text. */
const linksOfTheSite: NonNullable<MarkdownOptions['config']> = (markdown) => {
  markdown.core.ruler.push('links-of-the-site', ({ tokens, env }) => {
    const file = fromRoot(env.realPath ?? env.path)
    for (const inline of tokens) {
      let nowhere = false
      inline.children =
        inline.children?.filter((token) => {
          if (token.type === 'link_open') {
            const link = siteLink(file, token.attrGet('href')!, repository)
            nowhere = link === undefined
            if (link !== undefined) token.attrSet('href', link)
            return !nowhere
          }
          return !(token.type === 'link_close' && nowhere)
        }) ?? null
    }
  })
}

export default defineConfig({
  title: 'dlkit',
  description: 'Deep-learning practice that runs, for TensorFlow.js',
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  srcDir: root,
  srcExclude: noPages,
  base: repository ? `/${repository.split('/')[1]}/` : '/',
  rewrites: (file) => pageOf(file) ?? file,
  markdown: { anchor: { slugify: anchorOf }, config: linksOfTheSite },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Guides', link: guides[0]!.link, activeMatch: '/guides/' },
      { text: 'API', link: '/api/', activeMatch: '/api/' },
      { text: 'Practices', link: '/practices' },
      { text: 'FAQ', link: '/faq' },
    ],
    sidebar: {
      '/api/': [{ text: 'API', items: packagePages('api') }],
      '/': [
        {
          text: 'Begin',
          items: [
            { text: 'Start in ten minutes', link: '/start' },
            { text: 'Examples', link: '/examples' },
            { text: 'FAQ', link: '/faq' },
          ],
        },
        { text: 'Guides', items: guides },
        {
          text: 'Reference',
          items: [
            { text: 'Practices', link: '/practices' },
            { text: 'Benchmarks', link: '/benchmarks' },
            { text: 'API', link: '/api/' },
          ],
        },
        { text: 'Packages', collapsed: true, items: packagePages('packages') },
        {
          text: 'Project',
          items: [
            { text: 'Architecture', link: '/architecture' },
            { text: 'Contributing', link: '/contributing' },
          ],
        },
      ],
    },
  },
})
