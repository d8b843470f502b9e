import { expect, test } from 'vitest'
import { pictureFileNames } from './picture-file-names.js'

test('keeps letters of every script and one extension', () => {
  expect(pictureFileNames(['猫.png', '犬.png', 'été 1.JPG', '1F600'])).toEqual([
    '猫.png',
    '犬.png',
    'été 1.png',
    '1F600.png',
  ])
})

test('numbers names that a file system could take for equal', () => {
  expect(pictureFileNames(['a/b.png', 'a_b.png', 'A_B.jpg', 'a_b-2.png', 'e\u0301', '\u00e9'])).toEqual([
    'a_b.png',
    'a_b-2.png',
    'A_B-3.png',
    'a_b-2-2.png',
    'e\u0301.png',
    '\u00e9-2.png',
  ])
})

test('cuts long names between characters and keeps them apart', () => {
  const names = pictureFileNames([`${'猫'.repeat(90)}1.png`, `${'猫'.repeat(90)}2.png`])
  expect(names).toEqual([`${'猫'.repeat(66)}.png`, `${'猫'.repeat(66)}-2.png`])
})

test('has a name for what leaves none', () => {
  expect(pictureFileNames(['.png', '..', 'a\u001b[2J\u009b\n'])).toEqual(['_.png', '_-2.png', 'a_[2J__.png'])
})
