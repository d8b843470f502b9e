import { extname } from 'node:path'
import type { AuditFinding, AuditKind } from './audit-report.js'
import { medianOf } from './audit-report.js'
import type { Examination } from './examine-sample.js'

export interface ExaminedSample {
  readonly index: number
  readonly id: string
  readonly category: string
  readonly examination: Examination
}

interface Rule {
  readonly kind: AuditKind
  readonly message: (count: string) => string
  readonly remedy: string
  /** What is wrong with a sample; undefined where nothing is. */
  readonly check: (sample: ExaminedSample, typical: Typical) => string | undefined
}

interface Typical {
  /** Median of the square root of the number of pixels. */
  readonly side: number
  /** Median of width divided by height. */
  readonly aspect: number
}

// Below these a picture is of no use; the relative ones tell an outlier.
const leastContrast = 12
const leastColoured = 0.01
const leastSaturated = 0.02
const leastSide = 16
const sideFactor = 6
const aspectFactor = 3
const leastRegistration = 0.5

const extensionsOf: Record<string, readonly string[]> = {
  png: ['.png'],
  jpeg: ['.jpg', '.jpeg'],
  webp: ['.webp'],
  tiff: ['.tif', '.tiff'],
  gif: ['.gif'],
  svg: ['.svg'],
  heif: ['.avif', '.heif', '.heic'],
}
const pictureExtensions = new Set(Object.values(extensionsOf).flat())

const rules: readonly Rule[] = [
  {
    kind: 'blank',
    message: (count) => `${count} blank: no channel spans more than ${leastContrast} of 255 levels.`,
    remedy: 'Delete them: there is nothing to draw or to colour.',
    check: ({ examination: { contrast } }) =>
      contrast <= leastContrast ? `spans ${contrast} levels` : undefined,
  },
  {
    kind: 'grey',
    message: (count) => `${count} grey only: less than 1 % of the area has colour.`,
    remedy: 'Delete them or find the coloured version: a net learns to answer in grey.',
    check: (sample) =>
      isBlank(sample) || !isGrey(sample) ? undefined : share(sample.examination.coloured, 'coloured'),
  },
  {
    kind: 'low-saturation',
    message: (count) => `${count} pale: less than 2 % of the area has strong colour.`,
    remedy: 'Check whether they are meant to be pale; many of them make a net timid.',
    check: (sample) =>
      isBlank(sample) || isGrey(sample) || sample.examination.saturated >= leastSaturated
        ? undefined
        : share(sample.examination.saturated, 'strongly coloured'),
  },
  {
    kind: 'wrong-extension',
    message: (count) => `${count} named like another format than they are in.`,
    remedy: 'Rename them: other programs may refuse them.',
    check: ({ id, examination: { header } }) => {
      const extension = extname(id).toLowerCase()
      const fits = extensionsOf[header.format]?.includes(extension) ?? true
      return pictureExtensions.has(extension) && !fits ? `a ${header.format} file` : undefined
    },
  },
  {
    kind: 'animated',
    message: (count) => `${count} with several frames or pages, of which only the first is used.`,
    remedy: 'Save the frames that you want as pictures of their own.',
    check: ({ examination: { header } }) =>
      header.pages > 1 ? `${header.pages} frames or pages` : undefined,
  },
  {
    kind: 'size',
    message: (count) =>
      `${count} of an unusual size: below ${leastSide} pixels, or ${sideFactor} times off the median.`,
    remedy: 'Look at them: thumbnails and whole scans do not show things at the scale of the others.',
    check: ({ examination: { header } }, { side }) => {
      const own = Math.sqrt(header.width * header.height)
      const isUsual = own <= side * sideFactor && own >= side / sideFactor
      if (header.format === 'svg' || (isUsual && Math.min(header.width, header.height) >= leastSide))
        return undefined
      return `${header.width}x${header.height} (the median side is ${Math.round(side)})`
    },
  },
  {
    kind: 'aspect',
    message: (count) =>
      `${count} of an unusual shape: ${aspectFactor} times longer or narrower than the median.`,
    remedy: 'Crop or cut them: fitted into a square they leave most of it empty.',
    check: ({ examination: { header } }, { aspect }) => {
      const relative = header.width / header.height / aspect
      return relative > aspectFactor || relative < 1 / aspectFactor
        ? `${header.width}x${header.height}`
        : undefined
    },
  },
  {
    kind: 'registration',
    message: (count) => `${count} whose line art does not lie on the coloured picture.`,
    remedy: 'Check that the two belong together and were not cropped or shifted.',
    check: ({ examination: { line } }) =>
      line && line.registration < leastRegistration
        ? `${Math.round(100 * line.registration)} % of the ink lies on dark or edge pixels`
        : undefined,
  },
]

function isBlank({ examination }: ExaminedSample): boolean {
  return examination.contrast <= leastContrast
}

function isGrey({ examination }: ExaminedSample): boolean {
  return examination.coloured < leastColoured
}

function share(value: number, what: string): string {
  return `${(100 * value).toFixed(1)} % ${what}`
}

/** What is wrong with pictures taken by themselves, or next to the typical one. */
export function pictureFindings(samples: readonly ExaminedSample[]): AuditFinding[] {
  const median = (of: (sample: ExaminedSample) => number): number =>
    medianOf(samples.map(of).sort((a, b) => a - b))
  const typical: Typical = {
    side: median(({ examination: { header } }) => Math.sqrt(header.width * header.height)),
    aspect: median(({ examination: { header } }) => header.width / header.height),
  }
  return rules.flatMap(({ kind, message, remedy, check }) => {
    const cases = samples.flatMap((sample) => {
      const detail = check(sample, typical)
      return detail === undefined ? [] : [{ ids: [sample.id], detail }]
    })
    return cases.length === 0 ? [] : [{ kind, message: message(pictures(cases.length)), remedy, cases }]
  })
}

export function pictures(count: number): string {
  return count === 1 ? '1 picture' : `${count} pictures`
}
