// Trains a model of rents that carries its scalers, saves and loads it as a server would, and asks the loaded model
// whether two months of live data still look like the training data. Run it with: npm start -w example-drift-check
import { writeFileSync } from 'node:fs'
import { useEngine } from '@dlkit/engine'
import { driftPicture, driftTable, registerScalerLayer, ScalerLayer, StandardScaler } from '@dlkit/scaler'
import * as tf from '@tensorflow/tfjs-core'
import { type LayersModel, layers, loadLayersModel, sequential } from '@tensorflow/tfjs-layers'
import { type Flat, makeFlats } from './flats.js'

const FEATURES = ['area', 'rooms', 'floor', 'builtIn'] as const
const inputs = (flats: Flat[]) => flats.map((flat) => FEATURES.map((feature) => flat[feature]))
const rents = (flats: Flat[]) => flats.map(({ rent }) => [rent])

/** Trains on raw values: the first layer scales them, the last one turns its output back into euros. */
async function train(flats: Flat[]): Promise<LayersModel> {
  const scaler = await new StandardScaler({ features: FEATURES }).fit(inputs(flats))
  const rentScaler = await new StandardScaler({ features: ['rent'] }).fit(rents(flats))
  const hidden = sequential({
    layers: [
      layers.dense({ units: 16, activation: 'relu', inputShape: [FEATURES.length] }),
      layers.dense({ units: 1 }),
    ],
  })
  hidden.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' })
  const [x, y] = [
    tf.tensor2d(scaler.transform(inputs(flats))),
    tf.tensor2d(rentScaler.transform(rents(flats))),
  ]
  await hidden.fit(x, y, { epochs: 20, batchSize: 32, verbose: 0 })
  tf.dispose([x, y])
  return sequential({
    layers: [
      new ScalerLayer({ scaler, inputShape: [FEATURES.length] }),
      hidden,
      new ScalerLayer({ scaler: rentScaler, inverse: true }),
    ],
  })
}

/** What a server does: the model comes as text and bytes, without the code that trained it. */
async function saveAndLoad(model: LayersModel): Promise<LayersModel> {
  let file = ''
  await model.save(
    tf.io.withSaveHandler(async ({ weightData, ...artifacts }) => {
      const weights = Buffer.from(tf.io.CompositeArrayBuffer.join(weightData)).toString('base64')
      file = JSON.stringify({ ...artifacts, weights })
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } }
    }),
  )
  const { weights, ...artifacts } = JSON.parse(file)
  registerScalerLayer()
  return loadLayersModel(
    tf.io.fromMemory({ ...artifacts, weightData: Uint8Array.from(Buffer.from(weights, 'base64')).buffer }),
  )
}

await useEngine()
const trained = await train(makeFlats(2000, 1))
const model = await saveAndLoad(trained)
trained.dispose()

const flat = makeFlats(1, 99)[0]!
const x = tf.tensor2d(inputs([flat]))
const prediction = model.predict(x) as tf.Tensor
console.log(
  `${flat.area} m², ${flat.rooms} rooms: ${Math.round(prediction.dataSync()[0]!)} €, let for ${Math.round(flat.rent)} €\n`,
)

const { scaler } = model.layers[0] as ScalerLayer
const may = makeFlats(400, 2)
const june = makeFlats(400, 3).map((live) => ({ ...live, area: live.area * 10.764 })) // Somebody changed to square feet.
for (const [month, flats] of Object.entries({ May: may, June: june })) {
  const report = await scaler.compare(inputs(flats), { features: FEATURES, thresholds: { share: 0.25 } })
  console.log(`${month}: ${driftTable(report)}\n`)
  if (process.argv[2]) writeFileSync(`${process.argv[2]}/${month}.svg`, driftPicture(report))
}
model.dispose()
tf.dispose([x, prediction])
