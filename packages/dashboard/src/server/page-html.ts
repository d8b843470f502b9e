import { basename } from 'node:path'
import { html } from 'hono/html'

/** The document; what it shows is made by the script from the answers of the server. */
export function pageHtml({
  token,
  title,
  allowControl,
}: {
  token: string
  title: string
  allowControl: boolean
}) {
  return html`<!doctype html>
<html lang="en" data-control="${String(allowControl)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${basename(title)} · dlkit</title>
<link rel="icon" href="/icon.svg?token=${token}">
<link rel="stylesheet" href="/page.css?token=${token}">
<script type="module" src="/page.js?token=${token}"></script>
</head>
<body><div id="page"></div><noscript>The dashboard needs JavaScript.</noscript></body>
</html>`
}

/** A falling curve. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0a6ea8"/><path d="M3 3c1 7 3 9 10 9.5" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>`
