import { describe, expect, it } from 'vitest'
import { codepointKey, openMojiCatalogue } from './openmoji-catalogue.js'

describe('openMojiCatalogue', () => {
  it('lists drawings of things, once each, and accounts for all others', async () => {
    const { version, drawings, total, variants, signs } = await openMojiCatalogue()
    expect(version).toMatch(/^17\./)
    expect(total).toBe(drawings.length + variants + signs)
    expect(new Set(drawings.map(({ hexcode }) => hexcode)).size).toBe(drawings.length)
    const categories = new Set(drawings.map(({ category }) => category))
    expect(categories.has('animals-nature/animal-bird')).toBe(true)
    for (const category of categories)
      expect(category).not.toMatch(/flag|^symbols|component|brand|ui-element|alphanum/)
    expect(drawings.some(({ hexcode }) => /1F3F[B-F]/.test(hexcode))).toBe(false)
  })
})

describe('codepointKey', () => {
  it('is equal for the man, the woman and the person of one role, and for other spellings', () => {
    const cooks = ['1F468-200D-1F373', '1F469-200D-1F373', '1F9D1-200D-1F373', '1F469-1F3FE-200D-1F373']
    expect(new Set(cooks.map(codepointKey)).size).toBe(1)
    expect(codepointKey('26F9-FE0F-200D-2640-FE0F')).toBe(codepointKey('26F9'))
    expect(codepointKey('1F468-200D-1F373')).not.toBe(codepointKey('1F468-200D-1F33E'))
  })
})
