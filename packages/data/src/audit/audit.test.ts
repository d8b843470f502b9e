import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { between, seededRandom } from '../random.js'
import { folderSource } from '../sources/folder-source.js'
import { pairedFoldersSource } from '../sources/paired-folders-source.js'
import { audit } from './audit.js'
import { auditPage } from './audit-page.js'
import type { AuditKind, AuditReport } from './audit-report.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-audit-'))
})
afterEach(() => rm(folder, { recursive: true }))

const at = (...path: string[]) => join(folder, ...path)

/** A drawing with black outlines, other shapes and colours for each number; in white it is its own line art. */
function drawing(number: number, paint = (hue: number) => `hsl(${hue} 75% 50%)`): Buffer {
  const random = seededRandom(number, 'drawing')
  const shapes = Array.from({ length: 5 }, () => {
    const [x, y, rx, ry, turn, hue] = [200, 150, 20, 20, 180, 360].map((most) => between(0, most, random))
    return (
      `<ellipse cx="${x}" cy="${y}" rx="${12 + 2 * rx!}" ry="${10 + 2 * ry!}" transform="rotate(${turn} ${x} ${y})" ` +
      `fill="${paint(hue!)}" stroke="#000" stroke-width="3"/>`
    )
  })
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="150"><rect width="200" height="150" fill="#fff"/>${shapes.join('')}</svg>`,
  )
}
const lines = (number: number) => drawing(number, () => '#fff')

async function save(path: string, svg: Buffer, change = (image: Sharp) => image): Promise<void> {
  await mkdir(dirname(at(path)), { recursive: true })
  await change(sharp(svg)).toFile(at(path))
}

/** 36 pairs in three classes, without a fault. */
async function saveCleanSet(): Promise<void> {
  for (let number = 0; number < 36; number++) {
    const name = `${['cat', 'dog', 'owl'][number % 3]}/${number}.png`
    await save(`colour/${name}`, drawing(number))
    await save(`line/${name}`, lines(number))
  }
}

const splitOfId = (id: string) => (/(\d+)/.exec(id)?.[0]?.endsWith('1') ? 'test' : 'train')

async function auditPairs(): Promise<AuditReport> {
  const source = await pairedFoldersSource({ line: at('line'), colour: at('colour') })
  return audit(source, { splitOf: (index) => splitOfId(source.samples[index]!.id) })
}

async function auditFolder(): Promise<AuditReport> {
  const source = await folderSource(at('colour'), { classes: true })
  return audit(source, { splitOf: (index) => splitOfId(source.samples[index]!.id) })
}

/** Plants a fault into the clean set; gives the ids that its finding must name. */
const faults: [AuditKind, (plant: typeof save) => Promise<string[]>][] = [
  [
    'unreadable',
    async () => {
      await truncate(at('colour/cat/0.png'), 900)
      return ['cat/0.png']
    },
  ],
  [
    'blank',
    async () => {
      const flat = { create: { width: 200, height: 150, channels: 3, background: '#fdfdfd' } } as const
      await sharp(flat).toFile(at('colour/cat/900.png'))
      return ['cat/900.png']
    },
  ],
  [
    'grey',
    async (plant) => {
      await plant('colour/cat/900.png', drawing(900), (image) => image.greyscale())
      return ['cat/900.png']
    },
  ],
  [
    'low-saturation',
    async (plant) => {
      // Channels that differ by 33 of 255.
      await plant(
        'colour/cat/900.png',
        drawing(900, (hue) => `hsl(${hue} 13% 50%)`),
      )
      return ['cat/900.png']
    },
  ],
  [
    'wrong-extension',
    async (plant) => {
      await plant('colour/cat/900.png', drawing(900), (image) => image.jpeg())
      return ['cat/900.png']
    },
  ],
  [
    'animated',
    async () => {
      const frames = await Promise.all([900, 901].map((number) => sharp(drawing(number)).png().toBuffer()))
      await sharp(frames, { join: { animated: true } })
        .gif()
        .toFile(at('colour/cat/900.gif'))
      return ['cat/900.gif']
    },
  ],
  [
    'size',
    async (plant) => {
      await plant('colour/cat/900.png', drawing(900), (image) => image.resize(24, 18))
      return ['cat/900.png']
    },
  ],
  [
    'aspect',
    async (plant) => {
      await plant('colour/cat/900.png', drawing(900), (image) => image.resize(600, 60, { fit: 'fill' }))
      return ['cat/900.png']
    },
  ],
  [
    'exact-duplicate',
    async () => {
      await copyFile(at('colour/cat/0.png'), at('colour/cat/900.png'))
      return ['cat/0.png', 'cat/900.png']
    },
  ],
  [
    'near-duplicate',
    async (plant) => {
      await plant('colour/cat/900.jpg', drawing(0), (image) => image.flop().resize(150).jpeg({ quality: 70 }))
      return ['cat/0.png', 'cat/900.jpg']
    },
  ],
  [
    'leak',
    async (plant) => {
      await plant('colour/cat/901.jpg', drawing(0), (image) => image.jpeg({ quality: 60 }))
      return ['cat/0.png', 'cat/901.jpg']
    },
  ],
  [
    'label-conflict',
    async (plant) => {
      await plant('colour/dog/900.jpg', drawing(0), (image) => image.jpeg({ quality: 60 }))
      return ['cat/0.png', 'dog/900.jpg']
    },
  ],
  [
    'imbalance',
    async (plant) => {
      await plant('colour/yak/900.png', drawing(900))
      return []
    },
  ],
]

describe('audit', () => {
  it('finds nothing in a clean set, with and without line art', async () => {
    await saveCleanSet()
    for (const report of [await auditPairs(), await auditFolder()]) {
      expect(report.findings).toEqual([])
      expect(report.leaks).toEqual([])
      expect(report.skipped).toEqual([])
      expect([report.count, report.readable, report.imbalance]).toEqual([36, 36, 1])
      expect(report.classes.map(({ count }) => count)).toEqual([12, 12, 12])
    }
  })

  it.each(faults)('finds a planted fault: %s', async (kind, plant) => {
    await saveCleanSet()
    const ids = await plant(save)
    const { findings } = await auditFolder()
    const finding = findings.find((entry) => entry.kind === kind)
    expect(finding, JSON.stringify(findings.map((entry) => entry.kind))).toBeDefined()
    expect(finding!.cases.length).toBe(1)
    expect([...finding!.cases[0]!.ids].sort()).toEqual(ids)
    expect(finding!.remedy).toMatch(/\.$/)
    // A copy is also a leak or a label error where it lies in another split or class; nothing else is made up.
    const related = ['near-duplicate', 'leak', 'label-conflict', 'exact-duplicate']
    const others = findings.filter((entry) => entry.kind !== kind && !related.includes(entry.kind))
    expect(others.map((entry) => entry.kind)).toEqual([])
  })

  it('finds line art that is shifted, missing, or coloured in two ways', async () => {
    await saveCleanSet()
    const background = '#fff'
    await save('line/cat/0.png', lines(0), (image) =>
      image.extract({ left: 0, top: 0, width: 180, height: 130 }).extend({ left: 20, top: 20, background }),
    )
    await rm(at('line/dog/1.png'))
    await copyFile(at('line/owl/2.png'), at('line/owl/900.png'))
    await save(
      'colour/owl/900.png',
      drawing(2, (hue) => `hsl(${(hue + 150) % 360} 75% 40%)`),
    )
    const { findings } = await auditPairs()
    const cases = Object.fromEntries(findings.map((finding) => [finding.kind, finding.cases]))
    expect(cases.registration).toEqual([
      { ids: ['cat/0'], detail: expect.stringMatching(/^\d+ % of the ink/) },
    ])
    expect(cases.unreadable).toEqual([{ ids: ['dog/1'], detail: 'no line picture of this name' }])
    expect(cases['colour-conflict']).toEqual([{ ids: ['owl/2', 'owl/900'], detail: '2 colourings' }])
  })

  it('names the pictures least like the others first', async () => {
    await saveCleanSet()
    await save('colour/cat/900.png', drawing(900), (image) =>
      image.negate().resize(900, 400, { fit: 'fill' }),
    )
    const { strangest } = await auditFolder()
    expect(strangest.length).toBe(20)
    expect(strangest[0]).toMatchObject({ id: 'cat/900.png', why: expect.stringMatching(/^(high|low) /) })
    expect(strangest[0]!.score).toBeGreaterThan(1.5 * strangest[1]!.score)
  })

  it('describes sizes, formats and colours', async () => {
    await save(
      'colour/cat/1.png',
      Buffer.from(
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="20" height="20" fill="#ff0008"/><rect x="20" width="20" height="20" fill="#00f"/></svg>',
      ),
    )
    const { sizes, colours } = await auditFolder()
    expect(sizes).toMatchObject({
      width: { least: 40, median: 40, most: 40 },
      aspect: { least: 2, median: 2, most: 2 },
      formats: { png: 1 },
    })
    expect(colours.red[0]).toBeCloseTo(0.5, 6)
    expect(colours.red[15]).toBeCloseTo(0.5, 6)
    expect(colours.green[0]).toBeCloseTo(1, 6)
    expect([colours.hue[0], colours.hue[8]]).toEqual([0.5, 0.5])
  })

  it('reports progress, gives the same from worker threads, and stops when it is told to', async () => {
    await saveCleanSet()
    const source = await folderSource(at('colour'))
    const calls: number[] = []
    const report = await audit(source, { onProgress: (done) => calls.push(done) })
    expect(calls.at(-1)).toBe(36)
    expect(await audit(source, { workers: 2 })).toEqual(report)
    await expect(audit(source, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop')
  })
})

describe('auditPage', () => {
  it('shows findings with thumbnails and loads nothing', async () => {
    await saveCleanSet()
    await save('colour/cat/<b>&.png', drawing(0), (image) => image.jpeg())
    await writeFile(
      at('colour/dog/broken.png'),
      await readFile(at('colour/dog/1.png')).then((file) => file.subarray(0, 500)),
    )
    const source = await folderSource(at('colour'), { classes: true })
    const report = await audit(source)
    const page = await auditPage(source, report)
    for (const { kind, remedy } of report.findings) {
      expect(page).toContain(`<section id="${kind}">`)
      expect(page).toContain(remedy)
    }
    expect(page).toContain('cat/&lt;b&gt;&amp;.png')
    expect(page).not.toContain('<b>')
    expect(page.match(/data:image\/png;base64,/g)!.length).toBeGreaterThanOrEqual(22)
    expect(page).not.toMatch(/src="(?!data:)|href=|url\(/)
  })
})
