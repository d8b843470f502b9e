import { expect, test } from 'vitest'
import { html, trustedHtml } from './html.js'

test('everything inserted is escaped', () => {
  const hostile = `<script>"&'</script>`
  expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
    '<p title="&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;">&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;</p>',
  )
})

test('pieces of HTML and lists of them are inserted as they are', () => {
  expect(html`<ul>${[1, 2].map((n) => html`<li>${n}</li>`)}${undefined}${false}</ul>`.text).toBe(
    '<ul><li>1</li><li>2</li></ul>',
  )
  expect(html`${trustedHtml('<b>')}${0}`.text).toBe('<b>0')
})
