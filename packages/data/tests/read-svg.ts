// Reads the picture that is named on the command line, and says what became of it.
import { readPicture } from '@dlkit/data'

const { argv } = process
console.log('reading')
const outcome = await readPicture(argv[2]!, { limits: { seconds: Number(argv[3]) } }).catch(
  (error: Error) => error.message,
)
console.log(typeof outcome === 'string' ? outcome : `${outcome.width}x${outcome.height}`)
