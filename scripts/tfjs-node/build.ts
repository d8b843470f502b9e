// Builds the addon of @tensorflow/tfjs-node from the sources that npm installs, on the C library in a wheel of
// TensorFlow from PyPI: nothing comes from the addresses that its install script downloads from.
//   npm run tfjs-node             for @tensorflow/tfjs-node: 200 MB to download, 600 MB on the disk
//   npm run tfjs-node -- gpu      for @tensorflow/tfjs-node-gpu with the libraries of CUDA 11: 2.2 GB, 4 GB
import { addonLink, buildAddon, type Target } from './addon.js'

const target: Target = process.argv[2] === 'gpu' ? 'gpu' : 'cpu'
try {
  console.log(`${addonLink(target)} → ${buildAddon(target)}`)
} catch (error) {
  console.log(`tfjs-node was not built: ${(error as Error).message}`)
  process.exitCode = 1
}
