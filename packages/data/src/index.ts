export { type AuditOptions, audit } from './audit/audit.js'
export { auditPage } from './audit/audit-page.js'
export type { AuditFinding, AuditKind, AuditReport, Range, StrangeSample } from './audit/audit-report.js'
export type { ColourCounts } from './audit/colour-counts.js'
export type { GeometryOptions } from './augment/affine-map.js'
export { type AugmentPairsArgs, augmentPairs } from './augment/augment-pairs.js'
export { type AugmentOptions, standardAugmentation } from './augment/augmentation.js'
export type { ColourOptions } from './augment/colour-matrix.js'
export { DataError, PictureError } from './errors.js'
export { type AdaptiveThresholdOptions, adaptiveThreshold } from './line-art/adaptive-threshold.js'
export { type ColourDodgeOptions, colourDodge } from './line-art/colour-dodge.js'
export { type DilationDifferenceOptions, dilationDifference } from './line-art/dilation-difference.js'
export { type FloatPicture, gaussianBlur } from './line-art/gaussian-blur.js'
export { extractLineArt, type LineArtOptions } from './line-art/line-art.js'
export { type LineStroke, restroke } from './line-art/line-jitter.js'
export { maximumFilter, minimumFilter } from './line-art/neighbourhood.js'
export type { Extractor, LineJitter } from './line-art/random-line-art.js'
export { type XdogOptions, xdog } from './line-art/xdog.js'
export { folderPairs } from './pairs/folder-pairs.js'
export { type LoadPairsOptions, loadPairs } from './pairs/load-pairs.js'
export { openPairs } from './pairs/open-pairs.js'
export { type OpenMojiPairsOptions, openMojiPairs } from './pairs/openmoji-pairs.js'
export { type BatchesState, type PairBatch, PairBatches, type PairBatchesArgs } from './pairs/pair-batches.js'
export { encodePairs, readPairs } from './pairs/pair-file.js'
export type { PairDataset, PairSet } from './pairs/pair-set.js'
export { type PairTensors, pairTensors, pictureToTensor, tensorToPictures } from './pairs/pair-tensors.js'
export {
  type EncodePictureOptions,
  encodePicture,
  encodePng,
  formatOfExtension,
  type PictureFormat,
  pictureIdentifier,
} from './pictures/encode-picture.js'
export { encodePsd, type PsdLayer } from './pictures/encode-psd.js'
export { type GreyPicture, greyPicture, luma, type Picture } from './pictures/picture.js'
export { comparable, freeName, safeStem, withoutExtension } from './pictures/picture-file-names.js'
export { type PictureGridOptions, pictureGrid } from './pictures/picture-grid.js'
export type { PictureLimits } from './pictures/picture-limits.js'
export {
  type DecodeOptions,
  decodePicture,
  type ReadPictureOptions,
  readPicture,
} from './pictures/read-picture.js'
export { resizePicture } from './pictures/resize-picture.js'
export { between, chance, type Random, seededRandom } from './random.js'
export { type ArchiveSourceOptions, archiveSource } from './sources/archive-source.js'
export { isBook } from './sources/book-pages.js'
export { bookSource } from './sources/book-source.js'
export { type DiceBearSourceOptions, diceBearSource } from './sources/dicebear-source.js'
export { type FolderSourceOptions, folderSource } from './sources/folder-source.js'
export { type IconSetName, iconifySource } from './sources/iconify-source.js'
export { joinedSource } from './sources/joined-source.js'
export { type FoundPictures, findPictures, listPictures } from './sources/list-pictures.js'
export type { ListColumns } from './sources/list-row.js'
export { type ListSourceOptions, listSource } from './sources/list-source.js'
export { notoSource } from './sources/noto-source.js'
export { type OpenedSource, openSource } from './sources/open-source.js'
export { openMojiSource } from './sources/openmoji-source.js'
export { type PairedFolders, pairedFoldersSource } from './sources/paired-folders-source.js'
export type { PictureSource, SamplePictures, Skipped, SourceSample } from './sources/picture-source.js'
export { locationName, type PictureLocation, readLocation } from './sources/read-location.js'
export { type BookFormat, type BookPage, bookFormatOf, writeBook } from './sources/write-book.js'
export { isZip, type ZipEntry } from './sources/zip-entry.js'
export type { Leak } from './splits/find-leaks.js'
export type { LockedSplits } from './splits/locked-splits.js'
export { hashDistance, type PerceptualHash, perceptualHash } from './splits/perceptual-hash.js'
export type { SplitName, SplitShares } from './splits/split-names.js'
export { type SourceSplit, type SplitSourceOptions, splitSource } from './splits/split-source.js'
export {
  PairStream,
  type PairStreamArgs,
  type StreamLoading,
  type StreamPictures,
  type StreamState,
} from './stream/pair-stream.js'
export type { RasterCacheOptions } from './workers/raster-store.js'
