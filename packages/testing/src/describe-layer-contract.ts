import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { expectClose } from './expect-close.js'
import {
  expectGradientsMatch,
  expectVariableGradientsMatch,
  type GradientOptions,
} from './expect-gradients-match.js'
import { expectNoTensorLeak } from './expect-no-tensor-leak.js'
import { fillWithNoise, noise } from './noise.js'

type Shape = readonly number[]

export interface LayerContract {
  /** Makes a fresh layer; called once or more in every test. */
  make: () => tfl.layers.Layer
  /** Shape of the input with its batch axis; a list of shapes for a layer with several inputs. */
  inputShape: Shape | readonly Shape[]
  /** Registers the class, so that models with this layer can be loaded. Not needed for tfjs's own classes. */
  register?: () => void
  /** Entries that `getConfig()` must contain. */
  config?: Record<string, unknown>
  /** Arguments of every call, such as `{ training: true }`. */
  callArguments?: Record<string, unknown>
  /** Called before each call of the layer: brings a layer with a call counter back to the same state. */
  reset?: (layer: tfl.layers.Layer) => void
  /** Precision of the gradient checks; `false` leaves them out, for a layer without gradients. */
  gradients?: GradientOptions | false
  /** Precision of the check of second derivatives; left out by default, true for the precision of the first. */
  secondGradients?: GradientOptions | boolean
  /** Mistakes and the exact message that each must throw. */
  errors?: { because: string; run: () => unknown; message: string }[]
}

/**
 * Declares the tests that every layer of this repository passes: shapes, config and model round trips, gradients of
 * the inputs and of the trainable weights by finite differences (first and, on demand, second ones), no tensor leak,
 * exact error messages.
 *
 * Weights are overwritten with noise first, so that a zero initial value hides nothing. Inputs and weights are noise in
 * [-1, -0.1] and [0.1, 1]: far enough from 0 for a layer with a kink there. Weights that are not trained, such as a
 * moving variance, are positive.
 */
export function describeLayerContract(name: string, contract: LayerContract): void {
  const {
    make,
    config = {},
    callArguments = {},
    gradients = {},
    secondGradients = false,
    errors = [],
  } = contract
  const shapes = (isShape(contract.inputShape) ? [contract.inputShape] : contract.inputShape) as Shape[]
  const oneOrMany = <T>(list: T[]): T | T[] => (shapes.length === 1 ? list[0]! : list)

  const inputs = () => shapes.map((shape, index) => noise(shape, 100 + index))
  const call = (layer: tfl.layers.Layer, xs: tf.Tensor[]): tf.Tensor[] => {
    contract.reset?.(layer)
    return asList(layer.apply(oneOrMany(xs), { ...callArguments }) as tf.Tensor | tf.Tensor[])
  }
  const makeBuilt = (xs: tf.Tensor[]) => {
    const layer = make()
    tf.dispose(call(layer, xs))
    fillWithNoise(layer, 200)
    return layer
  }
  const loss = (outputs: tf.Tensor[]) =>
    tf.addN(
      outputs.map((output, index) => tf.sum(tf.mul(output, noise(output.shape, 300 + index)))),
    ) as tf.Scalar

  describe(`${name} keeps the layer contract`, () => {
    contract.register?.()

    test('the output has the shape that computeOutputShape promises', () => {
      const layer = make()
      const promised = layer.computeOutputShape(oneOrMany(shapes.map((shape) => [...shape])))
      const actual = call(layer, inputs()).map((output) => output.shape)
      expect(actual).toEqual(Array.isArray(promised[0]) ? promised : [promised])
    })

    test('the shape of a symbolic output leaves the batch axis open', () => {
      const symbolic = shapes.map((shape) => tfl.input({ shape: shape.slice(1) }))
      const outputs = asList(make().apply(oneOrMany(symbolic), { ...callArguments }) as tfl.SymbolicTensor)
      expect(outputs.map(({ shape }) => shape.slice(1))).toEqual(
        call(make(), inputs()).map(({ shape }) => shape.slice(1)),
      )
      expect(outputs.map(({ shape }) => shape[0])).toEqual(outputs.map(() => null))
    })

    test('getConfig and fromConfig make an equal layer', () => {
      const xs = inputs()
      const layer = makeBuilt(xs)
      expect(layer.getConfig()).toMatchObject(config)
      const layerClass = layer.constructor as tf.serialization.SerializableConstructor<tfl.layers.Layer>
      const json = JSON.parse(JSON.stringify(layer.getConfig())) as tf.serialization.ConfigDict
      const copy = layerClass.fromConfig(layerClass, json) as tfl.layers.Layer
      tf.dispose(call(copy, xs))
      copy.setWeights(layer.getWeights())
      expectSameOutputs(call(copy, xs), call(layer, xs))
      const { customObjects: _, ...copied } = copy.getConfig()
      expect(copied).toEqual(layer.getConfig())
    })

    test('a model with the layer is saved and loaded with equal outputs', async () => {
      const xs = inputs()
      const layer = make()
      const symbolic = shapes.map((shape) => tfl.input({ shape: shape.slice(1) }))
      const output = layer.apply(oneOrMany(symbolic), { ...callArguments }) as tfl.SymbolicTensor
      const model = tfl.model({ inputs: symbolic, outputs: output })
      fillWithNoise(layer, 200)
      const saved: tf.io.ModelArtifacts[] = []
      await model.save(
        tf.io.withSaveHandler(async (artifacts) => {
          saved.push(JSON.parse(JSON.stringify({ ...artifacts, weightData: undefined })))
          saved[0]!.weightData = artifacts.weightData!
          return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
        }),
      )
      const loaded = await tfl.loadLayersModel(tf.io.fromMemory(saved[0]!))
      const copy = loaded.layers.at(-1)!
      expect(copy.getClassName()).toBe(layer.getClassName())
      expect(copy.constructor).toBe(layer.constructor)
      expectSameOutputs(call(copy, xs), call(layer, xs))
    })

    test('a call leaves no tensor behind', async () => {
      const xs = inputs()
      const layer = makeBuilt(xs)
      await expectNoTensorLeak(() => call(layer, xs))
    })

    test('a gradient leaves no tensor behind', async () => {
      const xs = inputs()
      const layer = makeBuilt(xs)
      await expectNoTensorLeak(() => tf.tidy(() => tf.grads((...args) => loss(call(layer, args)))(xs)))
    })

    test.runIf(gradients)('gradients of the inputs match finite differences', () => {
      const xs = inputs()
      const layer = makeBuilt(xs)
      expectGradientsMatch((...args) => loss(call(layer, args)), xs, gradients || {})
    })

    test.runIf(gradients)('gradients of the trainable weights match finite differences', () => {
      const xs = inputs()
      const layer = makeBuilt(xs)
      const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable)
      if (variables.length === 0) return
      expectVariableGradientsMatch(() => loss(call(layer, xs)), variables, gradients || {})
    })

    test.runIf(secondGradients)('gradients of a gradient penalty match finite differences', () => {
      const xs = inputs()
      const layer = makeBuilt(xs)
      const curved = (...args: tf.Tensor[]) => loss(call(layer, args).map((output) => tf.square(output)))
      const penalty = (...args: tf.Tensor[]) =>
        tf.addN(
          tf
            .grads(curved)(args)
            .map((gradient) => tf.sum(tf.square(gradient))),
        ) as tf.Scalar
      const options = typeof secondGradients === 'object' ? secondGradients : {}
      expectGradientsMatch(penalty, xs, options)
      const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable)
      if (variables.length > 0) expectVariableGradientsMatch(() => penalty(...xs), variables, options)
    })

    for (const { because, run, message } of errors) {
      test(`throws when ${because}`, () => {
        expect(messageOf(run)).toBe(message)
      })
    }
  })
}

function isShape(shape: Shape | readonly Shape[]): shape is Shape {
  return shape.length === 0 || typeof shape[0] === 'number'
}

function asList<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value]
}

function expectSameOutputs(actual: tf.Tensor[], expected: tf.Tensor[]): void {
  expect(actual.map((tensor) => tensor.shape)).toEqual(expected.map((tensor) => tensor.shape))
  actual.forEach((tensor, index) => {
    expect(tensor.dataSync().every(Number.isFinite)).toBe(true)
    expectClose(tensor, expected[index]!.dataSync(), { absolute: 1e-6, relative: 1e-6 })
  })
}

function messageOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing was thrown'
}
