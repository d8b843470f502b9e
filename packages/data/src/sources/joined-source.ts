import type { PictureSource } from './picture-source.js'

/**
 * Several sources as one. The name of each stands in front of its ids and groups, and is the category of its samples.
 *
 * @param sources by name.
 */
export function joinedSource(name: string, sources: Readonly<Record<string, PictureSource>>): PictureSource {
  const all = Object.entries(sources)
  const places = all.flatMap(([family, source]) =>
    source.samples.map((sample, index) => ({ family, source, sample, index })),
  )
  const attribution = all.flatMap(([, source]) => source.attribution ?? []).join(' ')
  return {
    name,
    ...(attribution && { attribution }),
    samples: places.map(({ family, sample: { id, group } }) => ({
      id: `${family}/${id}`,
      category: family,
      ...(group !== undefined && { group: `${family}/${group}` }),
    })),
    skipped: all.flatMap(([family, source]) =>
      source.skipped.map(({ file, reason }) => ({ file: `${family}/${file}`, reason })),
    ),
    pictures: (index) => places[index]!.source.pictures(places[index]!.index),
  }
}
