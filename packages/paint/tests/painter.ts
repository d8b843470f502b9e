import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'

/** What a user does on the page. */
export function painter(page: Page) {
  const sheet = page.getByRole('application')
  return {
    sheet,
    /** The status line once it says so many strokes and nothing is being coloured. */
    async coloured(strokes: number): Promise<string> {
      const words = strokes === 1 ? '1 stroke,' : `${strokes} strokes,`
      const status = page.getByRole('status').filter({ hasText: `${words} coloured in` })
      await status.waitFor()
      return (await status.textContent())!
    },
    async drop(where: string, name: string, bytes: Buffer): Promise<void> {
      const dataTransfer = await page.evaluateHandle(`(() => {
        const transfer = new DataTransfer()
        const data = Uint8Array.from(atob('${bytes.toString('base64')}'), (letter) => letter.charCodeAt(0))
        transfer.items.add(new File([data], ${JSON.stringify(name)}))
        return transfer
      })()`)
      await page.locator(where).dispatchEvent('drop', { dataTransfer })
    },
    /** Draws with the mouse, from and to shares of the drawing's sides. */
    async stroke(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
      const { x, y, width, height } = (await sheet.boundingBox())!
      await page.mouse.move(x + from[0] * width, y + from[1] * height)
      await page.mouse.down()
      await sleep(30)
      await page.mouse.move(x + to[0] * width, y + to[1] * height, { steps: 4 })
      await page.mouse.up()
    },
    /** The colour of the painted drawing at shares of its sides. */
    pixel: (x: number, y: number): Promise<number[]> =>
      page.evaluate<number[]>(`(() => {
        const canvas = document.querySelector('.picture')
        const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
        context.drawImage(canvas, -Math.floor(${x} * canvas.width), -Math.floor(${y} * canvas.height))
        return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3)
      })()`),
  }
}
