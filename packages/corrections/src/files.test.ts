import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canMount, mountSmallDisk } from '@dlkit/testing'
import { describe, expect, test } from 'vitest'
import { openRegularFile, readRegularFile, replaceFile, writeNewFile } from './files.js'

test('replaces a file and leaves nothing beside it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dlkit-replace-'))
  const path = join(folder, 'a.json')
  replaceFile(path, 'old')
  replaceFile(path, Buffer.from('new'))
  expect(readFileSync(path, 'utf8')).toBe('new')
  expect(readdirSync(folder)).toEqual(['a.json'])
  rmSync(folder, { recursive: true })
})

test('replaces what a killed process left', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dlkit-replace-'))
  const hash = createHash('sha256').update('a.json').digest('hex').slice(0, 16)
  writeFileSync(join(folder, `.${hash}.saving`), 'left by a killed process, and longer')
  replaceFile(join(folder, 'a.json'), 'new')
  expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe('new')
  expect(readdirSync(folder)).toEqual(['a.json'])
  rmSync(folder, { recursive: true })
})

test('leaves a file of the user alone whose name ends in .saving', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dlkit-replace-'))
  const path = join(folder, 'p.png')
  writeFileSync(`${path}.saving`, 'mine')
  replaceFile(path, 'new')
  expect(readFileSync(`${path}.saving`, 'utf8')).toBe('mine')
  rmSync(folder, { recursive: true })
})

test('writes a file whose name is as long as file systems allow', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dlkit-replace-'))
  const name = `${'n'.repeat(251)}.png`
  replaceFile(join(folder, name), 'new')
  expect(readdirSync(folder)).toEqual([name])
  rmSync(folder, { recursive: true })
})

test('an error names the cause and leaves the folder as it was', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dlkit-replace-'))
  expect(() => replaceFile(join(folder, 'missing', 'a.json'), '')).toThrow('ENOENT')
  writeFileSync(join(folder, 'file'), '')
  const below = join(folder, 'file', 'a.json')
  expect(() => replaceFile(below, '')).toThrow(expect.objectContaining({ code: 'ENOTDIR', path: below }))
  expect(readdirSync(folder)).toEqual(['file'])
  rmSync(folder, { recursive: true })
})

test('refuses to write a new file over another one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dlkit-replace-'))
  await writeNewFile(join(folder, 'a'), 'first')
  await expect(writeNewFile(join(folder, 'a'), 'second')).rejects.toThrow('EEXIST')
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('first')
  rmSync(folder, { recursive: true })
})

test.skipIf(!canMount())('keeps the old file when only a part of the new one fits on the disk', () => {
  const disk = mountSmallDisk(64)
  if (!disk) throw new Error('mounting worked a moment ago')
  try {
    const path = join(disk.path, 'a.json')
    replaceFile(path, 'x'.repeat(20_000))
    writeFileSync(join(disk.path, 'other'), Buffer.alloc(20 * 1024))
    expect(() => replaceFile(path, 'z'.repeat(30_000))).toThrow(
      expect.objectContaining({ code: 'ENOSPC', path }),
    )
    expect(readFileSync(path, 'utf8')).toBe('x'.repeat(20_000))
    expect(readdirSync(disk.path).sort()).toEqual(['a.json', 'other'])
    expect(statSync(path).size).toBe(20_000)
  } finally {
    disk.unmount()
  }
})

describe.skipIf(process.platform === 'win32')('a regular file', () => {
  const irregular = expect.objectContaining({ name: 'IrregularFileError' })

  test('is opened, and no link, pipe, device or folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dlkit-regular-'))
    const at = (name: string) => join(folder, name)
    writeFileSync(at('file'), 'text')
    symlinkSync(at('file'), at('link'))
    symlinkSync(at('nowhere'), at('broken'))
    execFileSync('mkfifo', [at('pipe')])
    expect(readRegularFile(at('file')).toString()).toBe('text')
    for (const path of [at('link'), at('broken'), at('pipe'), '/dev/null', folder]) {
      expect(() => readRegularFile(path), path).toThrow(irregular)
    }
    const appending = constants.O_APPEND | constants.O_CREAT | constants.O_RDWR
    for (const path of [at('link'), at('broken'), at('pipe')]) {
      expect(() => openRegularFile(path, appending), path).toThrow(irregular)
    }
    expect(existsSync(at('nowhere'))).toBe(false)
    closeSync(openRegularFile(at('new'), appending))
    expect(() => readRegularFile(at('nowhere'))).toThrow('ENOENT')
    rmSync(folder, { recursive: true })
  })
})
