// Prints hashes of the batches of a stream, for the test that another process gives the same.
// Arguments: folder, number of batches, state as JSON or nothing.
import '@tensorflow/tfjs-backend-cpu'
import { folderSource } from '../src/sources/folder-source.js'
import { PairStream } from '../src/stream/pair-stream.js'
import { hashBatches, streamArgs } from './stream-args.js'

const [folder, count, state] = process.argv.slice(2)
const stream = new PairStream(await folderSource(folder!), streamArgs({ workers: 2 }))
if (state) stream.restore(JSON.parse(state))
console.log(JSON.stringify(await hashBatches(stream, Number(count))))
await stream.close()
