export { type ExportPaintArgs, exportPaint } from './export-paint.js'
export { type PaintArgs, paint } from './paint.js'
export type { PaintModel, PaintPicture } from './site-files.js'
