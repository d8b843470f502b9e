import { expect, it } from 'vitest'

it('exports exactly these names', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'DataError',
    'PairBatches',
    'PictureError',
    'adaptiveThreshold',
    'encodePng',
    'extractLineArt',
    'findPictures',
    'folderPairs',
    'greyPicture',
    'listPictures',
    'openMojiPairs',
    'pairTensors',
    'pictureGrid',
    'pictureToTensor',
    'readPicture',
    'resizePicture',
    'tensorToPictures',
    'xdog',
  ])
})
