/** Where the library of a system is, by the names of Node. */
export function libraryOf(platform: string, arch: string): string
/** The library of this system; `undefined` where it was not compiled for it. */
export function library(): string | undefined
