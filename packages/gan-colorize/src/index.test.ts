import { expect, test } from 'vitest'

test('the public exports are these', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'ColorGan',
    'Colorizer',
    'EVALUATED_STROKES',
    'binaryCrossEntropy',
    'buildDiscriminator',
    'buildGenerator',
    'configSchema',
    'estimatedMemory',
    'evaluate',
    'hasColour',
    'hinge',
    'hintPlanes',
    'hintRegions',
    'joinLayers',
    'loadColorizer',
    'loadPairs',
    'paintOver',
    'paintedBy',
    'presets',
    'psnr',
    'structuralSimilarity',
    'train',
    'variantPalettes',
    'writeWeights',
  ])
  expect(Object.keys(await import('./config.js')).sort()).toEqual(['configSchema', 'presets'])
  expect(Object.keys(await import('./painting.js')).sort()).toEqual(['HINT_CHANNELS', 'Painting', 'layPaint'])
})
