import type { Rgb } from './take-palette.js'

const hex = (text: string): Rgb[] =>
  text.split(' ').map((digits) => {
    const value = Number.parseInt(digits, 16)
    return [value >> 16, (value >> 8) & 255, value & 255]
  })

/** Colours that go together, for other versions of a picture: skin, hair, three of clothes and things, and a dark one. */
export const variantPalettes: readonly (readonly Rgb[])[] = [
  hex('f7d2b5 8a4b2d e4572e 2e86ab f6c445 3b3355'),
  hex('fbe0cf d9a441 3aa17e ef5d60 9ad1d4 4a3f6b'),
  hex('f2c6a0 2f2a35 5b8def f08a4b b8de6f 7b3f61'),
  hex('ffe3c9 b5543c 7d5ba6 55c1a6 ffd166 30475e'),
  hex('eab98d 5a3825 d1495b 66a182 edae49 00798c'),
  hex('fde8d7 e07a5f 3d5a80 98c1d9 ee6c4d 81b29a'),
  hex('c98f65 1f1b24 f4a261 2a9d8f e9c46a 9b2f4f'),
  hex('fad4c0 6f8f3f ff99ac 6a8eae fff07c 5d4e6d'),
]
