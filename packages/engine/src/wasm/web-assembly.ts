/** The part of the global WebAssembly that is used here; TypeScript declares it only together with the whole DOM. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer
}

interface WebAssemblyApi {
  Memory: new (size: { initial: number }) => WasmMemory
  Module: new (bytes: Uint8Array) => object
  Instance: new (
    module: object,
    imports: { env: { memory: WasmMemory } },
  ) => { exports: Record<string, unknown> }
}

export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly

/** Compiles a module of one exported function over `memory`. */
export function compile(bytes: Uint8Array, exportName: string, memory: WasmMemory): unknown {
  return new webAssembly.Instance(new webAssembly.Module(bytes), { env: { memory } }).exports[exportName]
}
