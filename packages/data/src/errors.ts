/** A data set cannot be built: a missing folder or package, or nothing usable in it. */
export class DataError extends Error {
  override readonly name = 'DataError'
}

/** One picture cannot be used. `file` names it, `reason` says why in a few words. */
export class PictureError extends Error {
  override readonly name = 'PictureError'
  readonly file: string
  readonly reason: string

  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(`${file}: ${reason}`, options)
    this.file = file
    this.reason = reason
  }
}

/** Why something failed, in a few words. */
export function reasonOf(error: unknown): string {
  if (error instanceof PictureError) return error.reason
  return error instanceof Error ? error.message : String(error)
}

/** The system's short name of an error, such as EACCES. */
export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? 'unknown error'
}
