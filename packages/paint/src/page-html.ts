/** Pages from a server that sends no policy of its own bring this one. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

/** The document; what it shows is made by the script. @param token letters, digits, - and _ only. */
export function pageHtml(token?: string): string {
  const query = token === undefined ? '' : `?token=${token}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Paint · dlkit</title>
<link rel="icon" href="icon.svg${query}">
<link rel="stylesheet" href="page.css${query}">
<script type="module" src="page.js${query}"></script>
</head>
<body><div id="page"></div><noscript>This page needs JavaScript.</noscript></body>
</html>
`
}

/** A brush stroke. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0a6ea8"/><path d="M3 11c3-7 5 3 10-6" fill="none" stroke="#fcdc3c" stroke-width="3" stroke-linecap="round"/></svg>`
