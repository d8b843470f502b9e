import { iconifySource } from './iconify-source.js'
import type { PictureSource } from './picture-source.js'

/** The drawings of the installed package `@iconify-json/noto` (Noto Emoji by Google, Apache-2.0): see `iconifySource`. */
export const notoSource = (): Promise<PictureSource> => iconifySource('noto')
