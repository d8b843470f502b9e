// Inside the repository the page is bundled when a dashboard starts; packages carry it ready.
import { fileURLToPath } from 'node:url'
import { bundlePage } from './bundle-page.js'

const textOf = await bundlePage([fileURLToPath(new URL('../page/main.tsx', import.meta.url))])

/** The page of `page/` as one script and one style sheet. */
export const script = textOf('.js')
export const style = textOf('.css')
