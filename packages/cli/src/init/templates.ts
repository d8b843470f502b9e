import { packageVersion } from '../version.js'
import { ownModel } from './own-model.js'

/** What `dlkit init` makes: the content of each file by its name. */
export type Template = (name: string) => Record<string, string>

const tensorflow = { '@tensorflow/tfjs-core': '^4.22.0', '@tensorflow/tfjs-layers': '^4.22.0' }

const ours = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [`@dlkit/${name}`, `^${packageVersion()}`]))

const manifest = (name: string, scripts: Record<string, string>, dependencies: Record<string, string>) =>
  `${JSON.stringify({ name, private: true, type: 'module', scripts, dependencies }, null, 2)}\n`

const gitignore = 'node_modules/\nruns/\n'

const colours: Template = (name) => ({
  'package.json': manifest(name, { train: 'dlkit train' }, ours('cli')),
  '.gitignore': gitignore,
  'dlkit.config.ts': `import { defineConfig } from '@dlkit/cli'

// A network that colours line art. All keys: https://www.npmjs.com/package/@dlkit/gan-colorize
export default defineConfig({
  preset: 'demo', // minutes on a laptop; 'standard' is the published recipe
  data: 'openmoji', // or a folder, archive or list of your own pictures
  log: { samplesEvery: 50 },
})
`,
  'README.md': `# ${name}

\`\`\`sh
npx dlkit train          # trains; leaves pictures, curves and a report in runs/
npx dlkit colorize drawing.png --run runs/<run> -o coloured
\`\`\`

\`dlkit.config.ts\` says on which pictures, how large, and for how long.
`,
})

const own: Template = (name) => ({
  'package.json': manifest(
    name,
    { check: 'dlkit check', train: 'dlkit train', tune: 'dlkit tune' },
    { ...ours('cli'), ...tensorflow },
  ),
  '.gitignore': gitignore,
  'model.ts': ownModel,
  'README.md': `# ${name}

\`\`\`sh
npx dlkit check          # looks for bugs before a long training
npx dlkit lr-find        # finds a learning rate
npx dlkit train          # trains; leaves curves, checkpoints and a report in runs/
npx dlkit tune           # searches for better parameters
\`\`\`

\`model.ts\` has the network, its data and its parameters.
`,
})

const monitors: Template = (name) => ({
  'package.json': manifest(
    name,
    { start: 'node index.js' },
    { ...ours('engine', 'monitors'), ...tensorflow },
  ),
  '.gitignore': gitignore,
  'index.js': `// Trains a small network with a mistake, and prints what the monitors say about it.
import { useEngine } from '@dlkit/engine'
import { Monitor, monitorCallback } from '@dlkit/monitors'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

await useEngine()
const inputs = tf.randomNormal([256, 3], 300, 8) // not scaled: try tf.randomNormal([256, 3])
const targets = tf.sum(inputs, 1, true)
const model = sequential({
  layers: [layers.dense({ units: 16, activation: 'relu', inputShape: [3] }), layers.dense({ units: 1 })],
})
model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
const { history } = await model.fit(inputs, targets, {
  epochs: 20,
  verbose: 0,
  callbacks: monitorCallback(new Monitor()),
})
console.log('loss', history.loss.at(-1))
`,
  'README.md': `# ${name}

\`npm start\` trains a small network; [@dlkit/monitors](https://www.npmjs.com/package/@dlkit/monitors) says what is wrong.
`,
})

/** By name; the first is what `--yes` takes. */
export const templates = { colours, own, monitors } satisfies Record<string, Template>
export type TemplateName = keyof typeof templates

export const templateHints: Record<TemplateName, string> = {
  colours: 'a network that colours line art, on your pictures',
  own: 'a model of your own, with checks, training, search',
  monitors: 'monitors for trainings that you write yourself',
}
