// Writes the places of ONNX Runtime's C functions in its table, read from the declaration of `struct OrtApi`.
// npm run ort-functions -- FILE    onnxruntime_c_api.h of the version in native/c-functions.ts, or ort-sys' lib.rs
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { onnxRuntimeVersion } from '../packages/backend-onnxruntime/src/native/binding.js'
import { functionPlaces } from '../packages/backend-onnxruntime/src/native/c-functions.js'

/** Of what the sources in packages/native/src call. */
const operators = new URL('../packages/native/src/places.json', import.meta.url)
const target = new URL('../packages/backend-onnxruntime/src/native/c-functions.ts', import.meta.url)
const file = process.argv[2]
if (file === undefined)
  throw new Error('ort-functions: expected the path of onnxruntime_c_api.h or of lib.rs.')
const text = readFileSync(file, 'utf8')
const names = file.endsWith('.rs') ? namesInRust(text) : namesInC(text)
const placeOf = (name: string) => {
  const place = names.indexOf(name)
  if (place < 0) throw new Error(`ort-functions: ${name} is not a function of OrtApi in ${file}.`)
  return place
}
const places = Object.keys(functionPlaces).map((name) => `  ${name}: ${placeOf(name)},\n`)
const sources = readdirSync(new URL('.', operators)).filter((name) => /\.[ch]$/.test(name))
const called = new Set(
  sources
    .map((name) => readFileSync(new URL(name, operators), 'utf8'))
    .flatMap((source) => [...source.matchAll(/FUNCTION\((\w+), /g)].map(([, name]) => name!)),
)
called.delete('name') // of the macro itself
writeFileSync(
  operators,
  `${JSON.stringify(Object.fromEntries([...called].sort().map((name) => [name, placeOf(name)])), null, 2)}\n`,
)
writeFileSync(
  target,
  `/** Places in the function table of ONNX Runtime ${onnxRuntimeVersion}; \`npm run ort-functions\` writes them. New functions are only ever added at its end. */\n` +
    `export const functionPlaces = {\n${places.join('')}} as const\n`,
)

function namesInC(header: string): string[] {
  const table = header.slice(header.indexOf('struct OrtApi {'), header.indexOf('struct OrtCustomOp {'))
  const declarations = table.matchAll(
    /ORT_API2_STATUS\((\w+)|ORT_CLASS_RELEASE2?\((\w+)\)|NO_EXCEPTION;?|\(ORT_API_CALL\*\s*(\w+)\)/g,
  )
  return [...declarations].flatMap(([, status, released, other]) => {
    const name = status ?? (released && `Release${released}`) ?? other
    return name === undefined ? [] : [name]
  })
}

/** Functions that differ between platforms are declared twice there. */
function namesInRust(source: string): string[] {
  const from = source.indexOf('pub struct OrtApi {')
  const table = source.slice(from, source.indexOf('\n}', from))
  return [...new Set([...table.matchAll(/^\s*pub (\w+)\s*:/gm)].map(([, name]) => name!))]
}
