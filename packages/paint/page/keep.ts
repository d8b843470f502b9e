import { get, set } from 'idb-keyval'
import { addressOf, type Settings } from './protocol.js'
import { readDrawing, savedOf } from './read-picture.js'
import type { Drawing, Studio } from './studio.js'

const PAUSE = 500

/** Brings back what was painted before a reload; else shows the picture that the page was made for. */
export async function restorePainting(studio: Studio): Promise<void> {
  try {
    const { picture } = (await (await fetch(addressOf('settings.json'))).json()) as Settings
    const kept = await get<{ image: ImageData; saved: string; picture: string | null }>('painting').catch(
      () => undefined,
    )
    if (studio.drawing) return
    const saved = kept && savedOf(kept.saved)
    if (saved && kept.picture === picture) studio.open({ name: saved.name, image: kept.image }, saved)
    else if (picture !== null) {
      const file = await (await fetch(addressOf('picture'))).blob()
      const { drawing, saved } = await readDrawing(file, picture)
      studio.open(drawing, saved)
    }
  } catch (error) {
    studio.say((error as Error).message)
  }
}

/** Keeps what is painted in the storage of the browser, on this machine. */
export function keepPainting(studio: Studio): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let known: string | undefined
  let shown: Drawing | undefined
  const keep = async () => {
    const { saved, drawing } = studio
    const text = JSON.stringify(saved)
    if (!drawing || (text === known && drawing === shown)) return
    const { picture } = (await (await fetch(addressOf('settings.json'))).json()) as Settings
    await set('painting', { image: drawing.image, saved: text, picture })
    ;[known, shown] = [text, drawing]
  }
  studio.onChange(() => {
    clearTimeout(timer)
    // A browser that keeps nothing, e.g. in a private window, loses it with the page.
    timer = setTimeout(() => keep().catch(() => {}), PAUSE)
  })
}
