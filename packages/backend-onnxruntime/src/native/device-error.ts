/** Bytes of a device: what was asked for, if it is known, what is left, and all. */
export interface DeviceRoom {
  readonly asked: number | undefined
  readonly available: number
  readonly total: number
}

/** The memory of a device does not suffice. Tensors are as they were. */
export class DeviceMemoryError extends Error {
  override name = 'DeviceMemoryError'

  /** @param largest what takes most of it, as text */
  constructor(
    readonly device: string,
    readonly room: DeviceRoom,
    cause?: unknown,
    readonly largest: readonly string[] = [],
  ) {
    const asked = room.asked === undefined ? '' : ` for ${megabytes(room.asked)} more`
    const held = largest.length === 0 ? '' : `. The largest tensors there: ${largest.join(', ')}`
    super(
      `${device}: no memory left${asked}, ${megabytes(room.available)} of ${megabytes(room.total)} are free${held}. ` +
        'Take a smaller batch or smaller pictures, or dispose of tensors that are not needed.',
      { cause },
    )
  }
}

/** A device does not answer any more, and what was in its memory is gone: the process has to be started anew. */
export class DeviceLostError extends Error {
  override name = 'DeviceLostError'

  constructor(device: string, reason: string, cause?: unknown) {
    super(
      `${device}: the GPU was lost (${reason}), and with it all tensors. Start the program again; a run goes on from its last checkpoint.`,
      { cause },
    )
  }
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20).toLocaleString('en')} MB`

/** Whether it is the device that failed, and not one of the graphs. */
export const isOfDevice = (error: unknown): boolean =>
  error instanceof DeviceMemoryError || error instanceof DeviceLostError
