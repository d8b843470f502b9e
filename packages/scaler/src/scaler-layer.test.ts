import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { ImageScaler } from './image-scaler.js'
import { MinMaxScaler } from './min-max-scaler.js'
import { PowerScaler } from './power-scaler.js'
import { QuantileScaler } from './quantile-scaler.js'
import { RobustScaler } from './robust-scaler.js'
import { registerScalerLayer, ScalerLayer } from './scaler-layer.js'
import { StandardScaler } from './standard-scaler.js'

const rows = [
  [1, 200, -3],
  [2, 500, 4],
  [4, 100, 7],
  [9, 300, -2],
]
// Names that tfjs would change: it rewrites the strings of a configuration to snake case.
const features = ['Age', 'net_income', 'daysSinceLastVisit']
const standard = await new StandardScaler({ features }).fit(rows)

describeLayerContract('ScalerLayer', {
  make: () => new ScalerLayer({ scaler: standard }),
  inputShape: [4, 3],
  register: registerScalerLayer,
  config: { scaler: { name: JSON.stringify(standard) }, inverse: false, trainable: false },
  errors: [
    {
      because: 'the scaler is unfitted',
      run: () => new ScalerLayer({ scaler: new StandardScaler(), name: 'scale' }),
      message:
        'ScalerLayer: expected a fitted scaler, got an unfitted one (layer scale). Await scaler.fit(trainData) first.',
    },
    {
      because: 'the model has another number of features',
      run: () => new ScalerLayer({ scaler: standard }).apply(tfl.input({ shape: [5] })),
      message:
        'ScalerLayer: expected 3 features in axis -1, got 5 (shape [null, 5]). Pass data laid out like the training data.',
    },
    {
      because: 'the saved scaler is gone',
      run: () => ScalerLayer.fromConfig(ScalerLayer, { name: 'scale' }),
      message:
        'ScalerLayer: expected a configuration with a saved scaler, got undefined. Save the model again.',
    },
  ],
})

describeLayerContract('ScalerLayer with inverse', {
  make: () => new ScalerLayer({ scaler: standard, inverse: true }),
  inputShape: [2, 4, 3],
  register: registerScalerLayer,
  config: { inverse: true },
})

const power = await new PowerScaler().fit([
  [0, -1, -3],
  [0.5, -3, 0.2],
  [4, -1.5, 1],
  [1, -8, 9],
])
for (const inverse of [false, true]) {
  describeLayerContract(`ScalerLayer of a PowerScaler, inverse: ${inverse}`, {
    make: () => new ScalerLayer({ scaler: power, inverse }),
    inputShape: [4, 3],
    register: registerScalerLayer,
  })
}

for (const output of ['uniform', 'normal'] as const) {
  const scaler = await new QuantileScaler({ output, numQuantiles: 3 }).fit([
    [-3, -4, -7],
    [0, 0, 0],
    [5, 3, 2],
  ])
  for (const inverse of [false, true]) {
    describeLayerContract(`ScalerLayer of a QuantileScaler to ${output}, inverse: ${inverse}`, {
      make: () => new ScalerLayer({ scaler, inverse }),
      inputShape: [4, 3],
      register: registerScalerLayer,
    })
  }
}

const pictures = await new ImageScaler({ dataFormat: 'channelsFirst', output: 'standard' }).fit(
  tf.tensor4d(
    Array.from({ length: 24 }, (_, index) => (index * 37) % 200),
    [2, 3, 2, 2],
  ),
)
describeLayerContract('ScalerLayer of an ImageScaler', {
  make: () => new ScalerLayer({ scaler: pictures }),
  inputShape: [2, 3, 4, 2],
  register: registerScalerLayer,
})

/** Saves and loads as a server would: through text and bytes. */
async function reload(model: tfl.LayersModel): Promise<tfl.LayersModel> {
  let saved: tf.io.ModelArtifacts | undefined
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    }),
  )
  const topology = JSON.parse(JSON.stringify(saved!.modelTopology))
  return tfl.loadLayersModel(tf.io.fromMemory({ ...saved!, modelTopology: topology }))
}

describe('a model with a baked-in scaler', () => {
  registerScalerLayer()

  test.each([
    ['StandardScaler', StandardScaler],
    ['MinMaxScaler', MinMaxScaler],
    ['RobustScaler', RobustScaler],
  ])('takes raw values after loading: %s', async (_, Scaler) => {
    const scaler = await new Scaler({ features }).fit(rows)
    const dense = tfl.layers.dense({ units: 2 })
    const model = tfl.sequential({ layers: [new ScalerLayer({ scaler, inputShape: [3] }), dense] })
    const loaded = await reload(model)
    const x = tf.tensor2d(rows)
    const expected = dense.apply(scaler.transform(x)) as tf.Tensor
    expectClose(loaded.predict(x) as tf.Tensor, expected.dataSync())
  })

  test('still knows the training data: it compares live data with it', async () => {
    const model = tfl.sequential({ layers: [new ScalerLayer({ scaler: standard, inputShape: [3] })] })
    const [layer] = (await reload(model)).layers
    const { scaler } = layer as ScalerLayer
    expect(scaler.features).toEqual(features)
    expect(JSON.stringify(scaler)).toBe(JSON.stringify(standard))
    expect((await scaler.compare(rows.map(([a, b, c]) => [a!, b! + 900, c!]))).driftedFeatures).toEqual([
      'net_income',
    ])
  })

  test('refuses to load with a changed statistic', async () => {
    const model = tfl.sequential({ layers: [new ScalerLayer({ scaler: standard, inputShape: [3] })] })
    const text = model.toJSON() as string
    const changed = text.replace('\\"rows\\":4', '\\"rows\\":5')
    expect(changed).not.toBe(text)
    await expect(tfl.models.modelFromJSON(JSON.parse(changed))).rejects.toThrow(
      /expected hash to be "sha256:/,
    )
  })

  test('scales its targets back with inverse, and trains', async () => {
    const x = tf.tensor2d(rows.map(([a]) => [a!]))
    const y = tf.tensor2d(rows.map(([, b]) => [b! * 1000]))
    const [inputs, targets] = [await new StandardScaler().fit(x), await new StandardScaler().fit(y)]
    const model = tfl.sequential({
      layers: [
        new ScalerLayer({ scaler: inputs, inputShape: [1] }),
        tfl.layers.dense({ units: 1, kernelInitializer: 'zeros' }),
        new ScalerLayer({ scaler: targets, inverse: true }),
      ],
    })
    expectClose(model.predict(x) as tf.Tensor, Array(4).fill(275_000))
    expect(model.trainableWeights).toHaveLength(2)
    model.compile({ optimizer: tf.train.sgd(1e-11), loss: 'meanSquaredError' })
    const { history } = await model.fit(x, y, { epochs: 20, verbose: 0, shuffle: false })
    const losses = history.loss as number[]
    expect(losses.at(-1)!).toBeLessThan(losses[0]!)
  })
})

test('registerScalerLayer adds one prefixed name', () => {
  registerScalerLayer()
  const { classNameMap } = tf.serialization.SerializationMap.getMap()
  expect(classNameMap.DlkitScalerLayer?.[0]).toBe(ScalerLayer)
})
