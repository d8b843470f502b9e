/** Leaves room for a number and an extension within the 255 bytes that file systems allow. */
const LONGEST_STEM = 200

/**
 * One PNG file name per picture id, in order. Letters of every script are kept; what a file system forbids becomes `_`;
 * long names are cut between characters; names that are equal, also without regard to case, are numbered.
 */
export function pictureFileNames(ids: readonly string[]): string[] {
  const taken = new Set<string>()
  return ids.map((id) => {
    const stem = safeStem(id)
    let name = `${stem}.png`
    for (let number = 2; taken.has(comparable(name)); number++) name = `${stem}-${number}.png`
    taken.add(comparable(name))
    return name
  })
}

function safeStem(id: string): string {
  const stem = id
    .replace(/\.(png|jpe?g|webp|avif|gif|tiff?|svg)$/i, '')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}/\\:*?"<>|]/gu, '_')
  return cut(stem).replace(/[. ]+$/, '') || '_'
}

function cut(text: string): string {
  let bytes = 0
  let kept = ''
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > LONGEST_STEM) break
    kept += character
  }
  return kept
}

/** File systems may ignore case and the way in which an accent is written. */
const comparable = (name: string) => name.normalize('NFC').toLowerCase()
