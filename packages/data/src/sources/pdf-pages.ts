import sharp from 'sharp'
import type { Book } from './book.js'

const DOTS_PER_INCH = 300
const LONGEST = 4000
const POINTS_PER_INCH = 72

/** Opens a PDF; each page is drawn when it is read, as a PNG file. */
export async function openPdf(file: Buffer): Promise<Book> {
  const { PDFiumLibrary } = await import('@hyzyla/pdfium')
  const library = await PDFiumLibrary.init()
  try {
    const pdf = await library.loadDocument(file)
    const count = pdf.getPageCount()
    const digits = String(count).length
    const pages = Array.from({ length: count }, (_, i) => `page-${String(i + 1).padStart(digits, '0')}.png`)
    return {
      pages,
      skipped: [],
      async read(page) {
        const drawn = pdf.getPage(pages.indexOf(page))
        const { originalWidth: width, originalHeight: height } = drawn.getOriginalSize()
        const scale = Math.min(DOTS_PER_INCH / POINTS_PER_INCH, LONGEST / Math.max(width, height))
        const { data } = await drawn.render({
          scale,
          render: ({ data, width, height }) =>
            sharp(data, { raw: { width, height, channels: 4 } })
              .removeAlpha()
              .withMetadata({ density: scale * POINTS_PER_INCH })
              .png({ compressionLevel: 1 })
              .toBuffer(),
        })
        return data
      },
      close() {
        pdf.destroy()
        library.destroy()
      },
    }
  } catch (error) {
    library.destroy()
    throw error
  }
}
