/** Bytes of a name that file systems take. */
const LONGEST_NAME = 255
/** Leaves room for a number and an extension. */
const LONGEST_NUMBERED_STEM = 200

/** A name without the extension of a picture. */
export const withoutExtension = (name: string): string =>
  name.replace(/\.(png|jpe?g|webp|avif|gif|tiff?|svg)$/i, '')

/** Text as the stem of a file name on every file system: letters of every script stay, what is forbidden becomes `_`. */
export const safeStem = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}/\\:*?"<>|]/gu, '_').replace(/[. ]+$/, '') || '_'

/**
 * `stem` + `extension` where that is free, else with the first free number. Too long stems are cut between characters;
 * names are equal without regard to case, too. `taken` keeps what was given.
 */
export function freeName(stem: string, extension: string, taken: Set<string>): string {
  let name = `${stem}${extension}`
  const short = cut(stem)
  if (Buffer.byteLength(name) > LONGEST_NAME) name = `${short}${extension}`
  for (let number = 2; taken.has(comparable(name)); number++) name = `${short}-${number}${extension}`
  taken.add(comparable(name))
  return name
}

/** File systems may ignore case and the way in which an accent is written. */
export const comparable = (name: string): string => name.normalize('NFC').toLowerCase()

function cut(text: string): string {
  if (Buffer.byteLength(text) <= LONGEST_NUMBERED_STEM) return text
  let bytes = 0
  let kept = ''
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > LONGEST_NUMBERED_STEM) break
    kept += character
  }
  return kept.replace(/[. ]+$/, '')
}
