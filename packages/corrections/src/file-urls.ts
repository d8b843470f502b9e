import { io } from '@tensorflow/tfjs-core'
import { loadModelFiles, saveModelFiles } from './model-files.js'
import { pathOfUrl, scheme } from './path-of-url.js'

let serving = false
let asking = false

/**
 * Makes `model.save('file://folder')` and `tf.loadLayersModel('file://folder/model.json')` work in Node, in TensorFlow.js'
 * own format (`model.json` and `weights.bin`). A path is what follows `file://`, relative to the working directory
 * unless it begins with a slash; percent signs of an absolute one are read as in any URL. Loading takes the folder, too.
 *
 * Saving replaces a model as a whole: the new weights lie beside the old ones until `model.json` names them.
 *
 * Makes way for tfjs-node where that is loaded. Calling it again does nothing.
 */
export function serveFileUrls(): void {
  if (serving) return
  serving = true
  io.registerSaveRouter(
    unlessServed(io.getSaveHandlers, (path) => ({ save: (model) => saveModelFiles(path, model) })),
  )
  io.registerLoadRouter(unlessServed(io.getLoadHandlers, (path) => ({ load: () => loadModelFiles(path) })))
}

/** TensorFlow.js refuses a URL for which it finds two handlers. */
function unlessServed(
  handlers: (url: string) => io.IOHandler[],
  handler: (path: string) => io.IOHandler,
): Parameters<typeof io.registerSaveRouter>[0] {
  const nobody = null as unknown as io.IOHandler
  return (url) => {
    if (asking || typeof url !== 'string' || !url.startsWith(scheme)) return nobody
    asking = true
    try {
      return handlers(url).length > 0 ? nobody : handler(pathOfUrl(url))
    } finally {
      asking = false
    }
  }
}
