import { codepointKey, openMojiCatalogue } from './openmoji-catalogue.js'
import type { PictureSource } from './picture-source.js'

/** Must be shown with pictures made from the data. */
export const openMojiAttribution =
  'OpenMoji (https://openmoji.org), the open-source emoji and icon project, licensed under CC BY-SA 4.0.'

/**
 * The drawings of the installed package `openmoji`: an artist's line art and its coloured version, without flags,
 * signs, letters and skin-tone variants. The category is `group/subgroup` of the package; drawings that differ in
 * gender only share a group. `openMojiPairs` also leaves out pale and badly registered drawings.
 * Throws a DataError where the package is not installed or cannot be read.
 */
export async function openMojiSource(): Promise<PictureSource> {
  const { drawings } = await openMojiCatalogue()
  return {
    name: 'openmoji',
    attribution: openMojiAttribution,
    samples: drawings.map(({ hexcode, category, base }) => ({
      id: hexcode,
      category,
      group: codepointKey(base),
    })),
    skipped: [],
    pictures: (index) => {
      const { lineFile, colourFile } = drawings[index]!
      return { line: { file: lineFile }, colour: { file: colourFile } }
    },
  }
}
