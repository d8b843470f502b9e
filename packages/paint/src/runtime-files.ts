/** The files of onnxruntime-web that run the network: on processors alone, and with WebGPU, too. */
export const RUNTIME = [
  'ort.wasm.bundle.min.mjs',
  'ort-wasm-simd-threaded.wasm',
  'ort.webgpu.bundle.min.mjs',
  'ort-wasm-simd-threaded.asyncify.wasm',
] as const
