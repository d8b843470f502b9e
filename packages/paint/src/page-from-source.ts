// Inside the repository the page is bundled when it is first asked for; packages carry it ready.
import { fileURLToPath } from 'node:url'
import { bundlePage } from '../../dashboard/src/bundle-page.js'

const entry = (name: string) => fileURLToPath(new URL(`../page/${name}`, import.meta.url))
const textOf = await bundlePage([entry('main.tsx'), entry('worker.ts')])

/** Page and worker of `page/`, and the page's style sheet. */
export const script = textOf('main.js')
export const style = textOf('.css')
export const worker = textOf('worker.js')

/** Where the files of ONNX Runtime are. */
export const runtimeFolder = new URL('./', import.meta.resolve('onnxruntime-web'))
