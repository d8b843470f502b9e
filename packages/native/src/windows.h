/* Windows that move over pictures: what a convolution and the gradient for its input are made of. */
#ifndef WINDOWS_H
#define WINDOWS_H
#include "convolution.h"
#include "multiply.h"

/* The filter of windows: tap [y, x] is row first + y * step of `values` [kernel, in, out], or of [kernel, out, in] if turned. */
typedef struct Taps {
  const float *values;
  Size count, dilations;
  ptrdiff_t firstRow, firstColumn, rowStep, columnStep;
  size_t kernelWidth;
  int isTurned;
} Taps;

/*
 * Windows over x: [batch, input, channels]. The one of [image, row, column] begins at x[image, top + row * strides.height,
 * left + column * strides.width], and its result is at out[image * outImage + row * outRow + column * outColumn].
 */
typedef struct Windows {
  const Multiplier *multiplier;
  const float *x, *bias, *panels;
  float *out;
  Taps taps;
  Size input, strides;
  ptrdiff_t top, left;
  size_t batch, channels, outChannels, rows, columns, outImage, outRow, outColumn;
  size_t linesPerPart, panelsPerPart, panelParts;
  const char *problem;
} Windows;

/* Computes the windows, their filter first; `multiplier`, `panels` and how the work is divided are set here. NULL, or what went wrong. */
const void *computeWindows(const Workers *, Windows *);

/* The filter's columns of one panel, [products][width], written to `panels`. */
void packPanel(void *windows, size_t panel);

/* Floats of the pixels of `lines` rows of windows. */
size_t pixelFloats(const Windows *, size_t lines);
/* The panels from firstPanel to endPanel of `lines` rows, all of one image; `pixels` is NULL where no window reaches beyond it. */
void convolveRows(const Windows *, size_t firstLine, size_t lines, size_t firstPanel, size_t endPanel, float *pixels);
/* The same for narrow pictures, of any images. */
void convolveNarrow(const Windows *, size_t firstLine, size_t lines, size_t firstPanel, size_t endPanel, float *pixels);

static inline size_t reach(size_t taps, size_t dilation) { return taps ? (taps - 1) * dilation + 1 : 0; }
static inline size_t products(const Windows *w) { return w->taps.count.height * w->taps.count.width * w->channels; }
/* Narrower pictures: windows of several rows are computed together. */
static inline int isNarrow(const Windows *w) {
  enum { NARROW = 8 };
  return w->columns < NARROW;
}
#endif
