import type { PictureLocation } from './read-location.js'

/** A file, entry or row that cannot be used, and why. */
export interface Skipped {
  readonly file: string
  readonly reason: string
}

/** What is known of a sample before its pictures are read. */
export interface SourceSample {
  /** Unique in its source, such as the path inside a folder. */
  readonly id: string
  /** The class, or the kind of thing it shows; splits are balanced by it. */
  readonly category: string
  /** Samples with the same group are related and never split up. */
  readonly group?: string
}

/** Where the encoded pictures of one sample lie. */
export interface SamplePictures {
  /** The coloured picture: what a net learns to make. */
  readonly colour: PictureLocation
  /** Its line art; drawn from the coloured picture where there is none. */
  readonly line?: PictureLocation
  /** Another picture of the same subject, to take colours from. */
  readonly reference?: PictureLocation
}

/** A list of samples whose pictures are read when they are needed. Any object of this shape is a source. */
export interface PictureSource {
  readonly name: string
  /** The licence line that must be shown with pictures made from the data. */
  readonly attribution?: string
  readonly samples: readonly SourceSample[]
  readonly skipped: readonly Skipped[]
  /** Where the pictures of `samples[index]` are. */
  pictures(index: number): SamplePictures | Promise<SamplePictures>
}
