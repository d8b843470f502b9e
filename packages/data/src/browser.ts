// What bundlers for browsers get of this package: pictures that are there already, filtered and resized.
export { type FloatPicture, gaussianBlur } from './line-art/gaussian-blur.js'
export { maximumFilter, minimumFilter } from './line-art/neighbourhood.js'
export { type GreyPicture, greyPicture, luma, type Picture } from './pictures/picture.js'
export { resizePicture } from './pictures/resize-in-browsers.js'
