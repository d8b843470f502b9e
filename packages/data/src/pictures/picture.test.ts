import { describe, expect, it } from 'vitest'
import { greyPicture, saturatedArea } from './picture.js'

describe('greyPicture', () => {
  it('weights red, green and blue by BT.601', () => {
    const data = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255)
    expect([...greyPicture({ width: 4, height: 1, data }).data]).toEqual([76, 150, 29, 255])
  })

  it('copies a picture that is grey already', () => {
    const data = Uint8Array.of(1, 2)
    const grey = greyPicture({ width: 1, height: 2, data })
    expect(grey).toEqual({ width: 1, height: 2, data })
    expect(grey.data).not.toBe(data)
  })
})

describe('saturatedArea', () => {
  it('counts pixels whose channels differ by at least the chroma', () => {
    const rgb = Uint8Array.of(10, 49, 10, 10, 50, 10, 90, 50, 90, 7, 7, 7)
    expect(saturatedArea(rgb, 40)).toBe(0.5)
    expect(saturatedArea(new Uint8Array(0))).toBe(0)
  })
})
