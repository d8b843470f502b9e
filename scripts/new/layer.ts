import { atEnd, before, changeset, type Edits, intoSortedNames, kebab } from './edits.js'

const source = (name: string) => `import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { finiteNumber, lastAxis } from './check.js'
import { type LayerArgs, single } from './layer-args.js'

/** Options of \`${name}\`. */
export interface ${name}Args extends LayerArgs {
  /** Factor of every channel at first; 1 by default. */
  initialValue?: number
}

/**
 * TODO: what it does, in one line.
 *
 * \`y = gain · x\`. TODO: when to use it, and its paper (authors, year, number).
 *
 * Shapes: \`[batch, ..., channels]\`; the output has the input's shape. Weight: \`gain\` \`[channels]\`. Training and inference
 * are the same. It has first and second derivatives.
 *
 * @throws RangeError when initialValue is not finite, or the channels are not known.
 *
 * @example
 * const y = new ${name}().apply(tf.ones([2, 8]))
 */
export class ${name} extends tfl.layers.Layer {
  static readonly className = 'Dlkit${name}'
  readonly #initialValue: number
  #gain: tfl.LayerVariable | undefined

  constructor(args: ${name}Args = {}) {
    super(args)
    this.supportsMasking = true
    const { initialValue = 1 } = args
    this.#initialValue = finiteNumber('${name}', 'initialValue', initialValue, 'Usual is 1.')
  }

  override build(inputShape: tfl.Shape): void {
    const channels = lastAxis(this, '${name}', inputShape)
    const initializer = tfl.initializers.constant({ value: this.#initialValue })
    this.#gain = this.addWeight('gain', [channels], 'float32', initializer)
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.mul(single(inputs), this.#gain!.read()))
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), initialValue: this.#initialValue }
  }
}
`

const contract = (
  name: string,
  file: string,
) => `import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { ${name} } from './${file}.js'
import { registerLayers } from './register-layers.js'

describeLayerContract('${name}', {
  make: () => new ${name}({ initialValue: 0.5 }),
  inputShape: [2, 3, 5],
  register: registerLayers,
  config: { initialValue: 0.5 },
  secondGradients: true,
  errors: [
    {
      because: 'the first factor is no number',
      run: () => new ${name}({ initialValue: Number.NaN }),
      message: '${name}: expected initialValue to be a finite number, got NaN. Usual is 1.',
    },
  ],
})

test('multiplies each channel by its factor', () => {
  const y = new ${name}({ initialValue: 2 }).apply(tf.tensor2d([[1, -3]])) as tf.Tensor
  expectClose(y, [2, -6])
  expect(y.shape).toEqual([1, 2])
})
`

/** A layer with one weight per channel, to be changed; its test, exports, registration, README row and changeset. */
export function newLayer(name: string): Edits {
  if (!/^[A-Z]\w+$/.test(name))
    throw new Error(`expected the name of a class such as GlobalPool2D, got ${name}`)
  const file = kebab(name)
  const folder = 'packages/layers'
  return {
    create: {
      [`${folder}/src/${file}.ts`]: source(name),
      [`${folder}/src/${file}.test.ts`]: contract(name, file),
      ...changeset('@dlkit/layers', `The layer \`${name}\`.`),
    },
    change: [
      {
        file: `${folder}/src/index.ts`,
        how: atEnd(`export { ${name}, type ${name}Args } from './${file}.js'\n`),
      },
      { file: `${folder}/src/index.test.ts`, how: intoSortedNames(name) },
      {
        file: `${folder}/src/register-layers.ts`,
        how: before(/import \{ ELU/, `import { ${name} } from './${file}.js'\n`),
      },
      {
        file: `${folder}/src/register-layers.ts`,
        how: before('  tf.serialization.registerClass(ELU)', `  tf.serialization.registerClass(${name})\n`),
      },
      {
        file: `${folder}/tests/every-layer.ts`,
        how: before('  ELU: {', `  ${name}: { make: () => new library.${name}(), inputs: [sequence] },\n`),
      },
      {
        file: `${folder}/README.md`,
        how: before(
          '| `scaledDotProductAttention`',
          `| \`${name}({ initialValue? })\` | TODO: what it is, and its paper |\n`,
        ),
      },
    ],
    next: [
      `Write what the layer does into ${folder}/src/${file}.ts (computeOutputShape too, if it changes the shape), its docstring and its test, and the row of ${folder}/README.md into the table where it belongs.`,
      `Check it against another program: a case in ${folder}/fixtures/make-torch-references.py and in ${folder}/tests/reference-subject.ts; until then "every layer is checked against another program" fails.`,
    ],
  }
}
