/** Says why a program cannot be written as an ONNX file. */
export class ExportError extends Error {
  constructor(message: string, cause?: unknown) {
    super(`exportOnnx: ${message}`, { cause })
    this.name = 'ExportError'
  }
}

/** With other sizes of the inputs the program does other operations. */
export class StructureError extends ExportError {}

/** What a layer threw with the sizes of one recording; it may work with others. */
export class LayerError extends Error {
  constructor(
    readonly layer: string,
    cause: unknown,
  ) {
    const inner = cause instanceof LayerError ? cause : undefined
    super(inner?.message ?? (cause instanceof Error ? cause.message : String(cause)), { cause })
    this.layer = inner?.layer ?? layer
  }
}
