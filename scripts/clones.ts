import { hash } from 'node:crypto'
import { extname } from 'node:path'
import { Detector, type IClone, type IMapFrame, type IStore, mild } from '@jscpd/core'
import { Tokenizer } from '@jscpd/tokenizer'

const formats: Record<string, string> = {
  '.ts': 'typescript',
  '.tsx': 'tsx',
  '.js': 'javascript',
  '.css': 'css',
  '.c': 'c',
  '.h': 'c-header',
}

export interface Source {
  file: string
  text: string
}

export const canBeCompared = (file: string): boolean => extname(file) in formats

/** What stands in two places, apart from blanks: `file:first-last = file:first-last`, in lines. */
export async function clonesAmong(
  sources: readonly Source[],
  least: { minLines: number; minTokens: number },
): Promise<string[]> {
  const detector = new Detector(new Tokenizer(), inMemory(), [], {
    ...least,
    mode: mild,
    hashFunction: (value) => hash('md5', value),
  })
  const found: IClone[] = []
  for (const { file, text } of sources) {
    found.push(...(await detector.detect(file, text, formats[extname(file)]!)))
  }
  const place = ({ sourceId, start, end }: IClone['duplicationA']) => `${sourceId}:${start.line}-${end.line}`
  return found.map(({ duplicationA, duplicationB }) => `${place(duplicationA)} = ${place(duplicationB)}`)
}

/** jscpd's own makes an error with its stack for every key that is not there, which nearly all are not. */
function inMemory(): IStore<IMapFrame> {
  const frames = new Map<string, IMapFrame>()
  let format = ''
  return {
    namespace: (name) => {
      format = name
    },
    get: (key) => {
      const found = frames.get(format + key)
      return found === undefined ? Promise.reject() : Promise.resolve(found)
    },
    set: async (key, frame) => {
      frames.set(format + key, frame)
      return frame
    },
    close: () => {},
  }
}
