/** What a picture may be at most, and at least, to be read. */
export interface PictureLimits {
  /** Largest file in bytes. Default 100 000 000. */
  bytes?: number
  /** Most pixels (width times height). Default 100 000 000. */
  pixels?: number
  /** Largest width and height in pixels. Default 20 000. */
  longestSide?: number
  /** Smallest width and height in pixels. Default 1; 16 where pictures are made for training. */
  side?: number
  /** Longest time for decoding one picture, in seconds. Default 20. */
  seconds?: number
}

export const defaultLimits = {
  bytes: 100_000_000,
  pixels: 100_000_000,
  longestSide: 20_000,
  side: 1,
  seconds: 20,
} satisfies Required<PictureLimits>
