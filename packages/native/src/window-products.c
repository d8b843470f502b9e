/* Windows as products of their pixels, which are brought together, and a panel of the filter. */
#include "windows.h"
#include <string.h>

/* Products that are added up at a time: short sums are accurate, and their part of a panel stays near. */
enum { MOST_PRODUCTS = 2048 };

/* Copies `columns` pixels of row y from column x on, with zeros outside. */
static float *copyRow(const Windows *w, const float *image, ptrdiff_t y, ptrdiff_t x, size_t columns, float *to) {
  const size_t channels = w->channels;
  const size_t before = x < 0 ? least((size_t)-x, columns) : 0;
  const ptrdiff_t first = x + (ptrdiff_t)before;
  const int isThere = y >= 0 && y < (ptrdiff_t)w->input.height && first < (ptrdiff_t)w->input.width;
  const size_t there = isThere ? least(columns - before, w->input.width - (size_t)first) : 0;
  memset(to, 0, before * channels * sizeof(float));
  if (there) {
    const float *from = image + ((size_t)y * w->input.width + (size_t)first) * channels;
    memcpy(to + before * channels, from, there * channels * sizeof(float));
  }
  memset(to + (before + there) * channels, 0, (columns - before - there) * channels * sizeof(float));
  return to + columns * channels;
}

/* Taps whose pixels are next to each other, `count` floats each time. */
typedef struct Segments {
  size_t taps, across, all, count, atOnce;
} Segments;

static Segments segmentsOf(const Windows *w) {
  const int areTogether = w->taps.dilations.width == 1;
  Segments s = {.taps = areTogether ? w->taps.count.width : 1, .across = areTogether ? 1 : w->taps.count.width};
  s.all = w->taps.count.height * s.across;
  s.count = s.taps * w->channels;
  s.atOnce = most(1, MOST_PRODUCTS / most(1, s.count));
  return s;
}

static float *outOf(const Windows *w, size_t line, size_t column) {
  return w->out + line / w->rows * w->outImage + line % w->rows * w->outRow + column * w->outColumn;
}

/* Where the panel of a part is, and what its sums begin with. */
static Tile tileOf(const Windows *w, size_t panel) {
  const size_t first = panel * panelWidth(w->multiplier);
  return (Tile){
      .right = w->panels + first * products(w),
      .rightStep = widthOf(w->multiplier, panel, w->outChannels),
      .start = w->bias ? w->bias + first : NULL,
      .channels = columnsOf(w->multiplier, panel, w->outChannels),
  };
}

size_t pixelFloats(const Windows *w, size_t lines) {
  const Size taps = w->taps.count, dilations = w->taps.dilations;
  if (isNarrow(w)) return lines * w->columns * segmentsOf(w).count;
  return ((lines - 1) * w->strides.height + reach(taps.height, dilations.height)) *
         ((w->columns - 1) * w->strides.width + reach(taps.width, dilations.width)) * w->channels;
}

/* Windows of whole pictures' rows, whose pixels are next to each other: `lines` from `first` on, all of one image. */
void convolveRows(const Windows *w, size_t firstLine, size_t lines, size_t firstPanel, size_t endPanel,
                  float *pixels) {
  const Size taps = w->taps.count, dilations = w->taps.dilations;
  const float *image = w->x + firstLine / w->rows * w->input.height * w->input.width * w->channels;
  const ptrdiff_t top = w->top + (ptrdiff_t)(firstLine % w->rows * w->strides.height);
  const float *left;
  size_t width = w->input.width;
  if (pixels) {
    width = (w->columns - 1) * w->strides.width + reach(taps.width, dilations.width);
    const size_t height = (lines - 1) * w->strides.height + reach(taps.height, dilations.height);
    float *to = pixels;
    for (size_t y = 0; y < height; y++) to = copyRow(w, image, top + (ptrdiff_t)y, w->left, width, to);
    left = pixels;
  } else {
    left = image + ((size_t)top * width + (size_t)w->left) * w->channels;
  }
  const Segments all = segmentsOf(w);
  for (size_t panel = firstPanel; panel < endPanel; panel++) {
    Tile tile = tileOf(w, panel);
    tile.count = all.count;
    tile.step = (ptrdiff_t)(w->strides.width * w->channels);
    size_t done = 0;
    do {
      enum { MOST_SEGMENTS = 256 };
      ptrdiff_t leftOffsets[MOST_SEGMENTS], rightOffsets[MOST_SEGMENTS];
      tile.segments = least(least(all.atOnce, MOST_SEGMENTS), all.all - done);
      tile.adds = done > 0;
      if (tile.adds) tile.start = NULL;
      for (size_t s = 0; s < tile.segments; s++) {
        const size_t y = (done + s) / all.across, x = (done + s) % all.across;
        leftOffsets[s] = (ptrdiff_t)((y * dilations.height * width + x * dilations.width) * w->channels);
        rightOffsets[s] = (ptrdiff_t)((done + s) * all.count * tile.rightStep);
      }
      tile.leftOffsets = leftOffsets;
      tile.rightOffsets = rightOffsets;
      for (size_t line = 0; line < lines; line++) {
        for (size_t column = 0, rows; column < w->columns; column += rows) {
          rows = tileRows(w->multiplier, w->columns - column);
          tile.left = left + (line * w->strides.height * width + column * w->strides.width) * w->channels;
          float *out = outOf(w, firstLine + line, column) + panel * panelWidth(w->multiplier);
          for (size_t i = 0; i < rows; i++) tile.out[i] = out + i * w->outColumn;
          fillTile(w->multiplier, tile.rightStep, ROWS_BY_STEPS, rows, &tile);
        }
      }
      done += tile.segments;
    } while (done < all.all);
  }
}

/* Windows of several rows together, whose pixels are copied one segment at a time. */
void convolveNarrow(const Windows *w, size_t firstLine, size_t lines, size_t firstPanel, size_t endPanel,
                    float *pixels) {
  const Size dilations = w->taps.dilations;
  const Segments all = segmentsOf(w);
  const size_t windows = lines * w->columns;
  const ptrdiff_t none = 0;
  size_t segment = 0;
  do {
    float *to = pixels;
    for (size_t line = firstLine; line < firstLine + lines && segment < all.all; line++) {
      const float *image = w->x + line / w->rows * w->input.height * w->input.width * w->channels;
      const ptrdiff_t y = w->top + (ptrdiff_t)(line % w->rows * w->strides.height + segment / all.across * dilations.height);
      const ptrdiff_t x = w->left + (ptrdiff_t)(segment % all.across * dilations.width);
      for (size_t column = 0; column < w->columns; column++)
        to = copyRow(w, image, y, x + (ptrdiff_t)(column * w->strides.width), all.taps, to);
    }
    for (size_t panel = firstPanel; panel < endPanel; panel++) {
      Tile tile = tileOf(w, panel);
      tile.right += segment * all.count * tile.rightStep;
      tile.leftOffsets = tile.rightOffsets = &none;
      tile.segments = segment < all.all;
      tile.count = all.count;
      tile.step = (ptrdiff_t)all.count;
      tile.adds = segment > 0;
      if (tile.adds) tile.start = NULL;
      for (size_t window = 0, rows; window < windows; window += rows) {
        rows = tileRows(w->multiplier, windows - window);
        tile.left = pixels + window * all.count;
        for (size_t i = 0; i < rows; i++) {
          const size_t at = window + i;
          tile.out[i] = outOf(w, firstLine + at / w->columns, at % w->columns) + panel * panelWidth(w->multiplier);
        }
        fillTile(w->multiplier, tile.rightStep, ROWS_BY_STEPS, rows, &tile);
      }
    }
  } while (++segment < all.all);
}
