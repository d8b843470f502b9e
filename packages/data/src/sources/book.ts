/** A file whose pages are read one at a time. */
export interface Book {
  /** Names of the pages, in their order, and what is left out. */
  readonly pages: readonly string[]
  readonly skipped: readonly { readonly file: string; readonly reason: string }[]
  /** The picture file of a page. @throws Error with a reason. */
  read(page: string): Promise<Uint8Array>
  close(): void
}
