/* Convolutions forward and the gradient for the input: windows that move over pictures. */
#include "convolution.h"
#include "multiply.h"
#include "scratch.h"
#include "sizes.h"
#include <string.h>

enum {
  /* Products that are added up at a time: short sums are accurate, and their part of a panel stays near. */
  MOST_PRODUCTS = 2048,
  /* Floats of the pixels that one thread brings together. */
  MOST_PIXEL_FLOATS = 128 * 1024,
  /* Narrower pictures: windows of several rows are computed together. */
  NARROW = 8,
  /* Windows for which reading a panel is worth it. */
  FEW_WINDOWS = 128,
  /* Parts of the work, so that threads end together. */
  PARTS = 16
};

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

static size_t reach(size_t taps, size_t dilation) { return taps ? (taps - 1) * dilation + 1 : 0; }
static size_t products(const Windows *w) { return w->taps.count.height * w->taps.count.width * w->channels; }
static int isNarrow(const Windows *w) { return w->columns < NARROW; }

static int isInside(const Windows *w) {
  const size_t height = (w->rows - 1) * w->strides.height + reach(w->taps.count.height, w->taps.dilations.height);
  const size_t width = (w->columns - 1) * w->strides.width + reach(w->taps.count.width, w->taps.dilations.width);
  return w->top >= 0 && w->left >= 0 && (size_t)w->top + height <= w->input.height &&
         (size_t)w->left + width <= w->input.width;
}

/* ---- panels of the filter ---- */

static void packPanel(void *data, size_t panel) {
  const Windows *w = data;
  const Taps *taps = &w->taps;
  const size_t width = widthOf(w->multiplier, panel, w->outChannels);
  const size_t columns = columnsOf(w->multiplier, panel, w->outChannels);
  const size_t first = panel * panelWidth(w->multiplier);
  float *to = (float *)w->panels + first * products(w);
  for (size_t y = 0; y < taps->count.height; y++) {
    for (size_t x = 0; x < taps->count.width; x++, to += w->channels * width) {
      const size_t row = (size_t)(taps->firstRow + (ptrdiff_t)y * taps->rowStep);
      const size_t column = (size_t)(taps->firstColumn + (ptrdiff_t)x * taps->columnStep);
      const float *from = taps->values + (row * taps->kernelWidth + column) * w->channels * w->outChannels;
      if (columns < width) memset(to, 0, w->channels * width * sizeof(float));
      if (taps->isTurned) {
        for (size_t o = 0; o < columns; o++)
          for (size_t c = 0; c < w->channels; c++) to[c * width + o] = from[(first + o) * w->channels + c];
      } else {
        for (size_t c = 0; c < w->channels; c++)
          memcpy(to + c * width, from + c * w->outChannels + first, columns * sizeof(float));
      }
    }
  }
}

/* ---- pixels brought together ---- */

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

/* ---- products ---- */

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

/* Windows of whole pictures' rows, whose pixels are next to each other: `lines` from `first` on, all of one image. */
static void convolveRows(const Windows *w, size_t firstLine, size_t lines, size_t firstPanel, size_t endPanel,
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
static void convolveWindows(const Windows *w, size_t firstLine, size_t lines, size_t firstPanel, size_t endPanel,
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

/* Floats of the pixels of `lines` lines. */
static size_t pixelFloats(const Windows *w, size_t lines) {
  const Size taps = w->taps.count, dilations = w->taps.dilations;
  if (isNarrow(w)) return lines * w->columns * segmentsOf(w).count;
  return ((lines - 1) * w->strides.height + reach(taps.height, dilations.height)) *
         ((w->columns - 1) * w->strides.width + reach(taps.width, dilations.width)) * w->channels;
}

static void convolvePart(void *data, size_t part) {
  Windows *w = data;
  const size_t firstPanel = part % w->panelParts * w->panelsPerPart;
  const size_t endPanel = least(firstPanel + w->panelsPerPart, panelCount(w->multiplier, w->outChannels));
  const size_t allLines = w->batch * w->rows;
  const size_t first = part / w->panelParts * w->linesPerPart, end = least(first + w->linesPerPart, allLines);
  float *pixels = NULL;
  if (isNarrow(w) || !isInside(w)) {
    pixels = scratch(PIXELS, most(1, pixelFloats(w, end - first)));
    if (!pixels) {
      w->problem = noMemory;
      return;
    }
  }
  if (isNarrow(w)) {
    convolveWindows(w, first, end - first, firstPanel, endPanel, pixels);
    return;
  }
  for (size_t line = first, lines; line < end; line += lines) {
    lines = least(end - line, w->rows - line % w->rows);
    convolveRows(w, line, lines, firstPanel, endPanel, pixels);
  }
}

/* ---- all of it ---- */

static void divide(Windows *w) {
  const size_t lines = w->batch * w->rows, panels = panelCount(w->multiplier, w->outChannels);
  const size_t ofMemory = MOST_PIXEL_FLOATS / most(1, pixelFloats(w, 2) - pixelFloats(w, 1));
  const size_t forParts = most(ceiling(lines, PARTS), ceiling(FEW_WINDOWS, w->columns));
  w->linesPerPart = most(1, least(least(ofMemory, forParts), lines));
  const size_t lineParts = ceiling(lines, w->linesPerPart);
  w->panelsPerPart = ceiling(panels, most(1, least(panels, PARTS / lineParts)));
  w->panelParts = ceiling(panels, w->panelsPerPart);
}

static const void *run(const Workers *workers, Windows *w) {
  w->multiplier = multiplierHere();
  const size_t panels = panelCount(w->multiplier, w->outChannels), wide = panels * panelWidth(w->multiplier);
  float *memory = scratch(PANELS, wide * (products(w) + 1));
  if (!memory) return noMemory;
  if (w->bias) {
    float *bias = memory + wide * products(w);
    memset(bias, 0, wide * sizeof(float));
    memcpy(bias, w->bias, w->outChannels * sizeof(float));
    w->bias = bias;
  }
  w->panels = memory;
  divide(w);
  const void *problem = workers->run(workers->context, packPanel, panels, w);
  if (problem) return problem;
  problem = workers->run(workers->context, convolvePart, ceiling(w->batch * w->rows, w->linesPerPart) * w->panelParts, w);
  return problem ? problem : w->problem;
}

const void *convolve(const Workers *workers, const Geometry *g, const float *x, const float *filter, const float *bias,
                     float *y) {
  Windows windows = {
      .x = x,
      .bias = bias,
      .out = y,
      .taps = {.values = filter,
               .count = g->kernel,
               .dilations = g->dilations,
               .rowStep = 1,
               .columnStep = 1,
               .kernelWidth = g->kernel.width},
      .input = g->input,
      .strides = g->strides,
      .top = -(ptrdiff_t)g->before.height,
      .left = -(ptrdiff_t)g->before.width,
      .batch = g->batch,
      .channels = g->inChannels,
      .outChannels = g->outChannels,
      .rows = g->output.height,
      .columns = g->output.width,
      .outImage = g->output.height * g->output.width * g->outChannels,
      .outRow = g->output.width * g->outChannels,
      .outColumn = g->outChannels,
  };
  return run(workers, &windows);
}

/* Along one axis: which taps reach the pixels phase, phase + stride, phase + 2 stride …, and where in dy they begin. */
typedef struct Phase {
  size_t taps, dilation, extent;
  ptrdiff_t first, begin;
} Phase;

static Phase phaseOf(size_t phase, size_t stride, size_t dilation, size_t kernel, size_t before, size_t extent) {
  Phase result = {.dilation = 1, .extent = extent > phase ? ceiling(extent - phase, stride) : 0};
  if (stride == 1) {
    result.taps = kernel;
    result.dilation = dilation;
    result.first = (ptrdiff_t)kernel - 1;
    result.begin = (ptrdiff_t)before - (ptrdiff_t)((kernel - 1) * dilation);
    return result;
  }
  const size_t first = (phase + before) % stride;
  if (first >= kernel) return result;
  result.taps = ceiling(kernel - first, stride);
  result.first = (ptrdiff_t)(first + (result.taps - 1) * stride);
  result.begin = ((ptrdiff_t)(phase + before) - result.first) / (ptrdiff_t)stride;
  return result;
}

const void *convolveInputGradient(const Workers *workers, const Geometry *g, const float *dy, const float *filter,
                                  const float *bias, float *dx) {
  const Size s = g->strides;
  for (size_t py = 0; py < s.height; py++) {
    for (size_t px = 0; px < s.width; px++) {
      const Phase down = phaseOf(py, s.height, g->dilations.height, g->kernel.height, g->before.height, g->input.height);
      const Phase across = phaseOf(px, s.width, g->dilations.width, g->kernel.width, g->before.width, g->input.width);
      if (!down.extent || !across.extent) continue;
      Windows windows = {
          .x = dy,
          .bias = bias,
          .out = dx + (py * g->input.width + px) * g->inChannels,
          .taps = {.values = filter,
                   .count = {down.taps, across.taps},
                   .dilations = {down.dilation, across.dilation},
                   .firstRow = down.first,
                   .firstColumn = across.first,
                   .rowStep = -(ptrdiff_t)s.height,
                   .columnStep = -(ptrdiff_t)s.width,
                   .kernelWidth = g->kernel.width,
                   .isTurned = 1},
          .input = g->output,
          .strides = {1, 1},
          .top = down.begin,
          .left = across.begin,
          .batch = g->batch,
          .channels = g->outChannels,
          .outChannels = g->inChannels,
          .rows = down.extent,
          .columns = across.extent,
          .outImage = g->input.height * g->input.width * g->inChannels,
          .outRow = s.height * g->input.width * g->inChannels,
          .outColumn = s.width * g->inChannels,
      };
      if (!down.taps || !across.taps) windows.taps.count = (Size){0, 0};
      const void *problem = run(workers, &windows);
      if (problem) return problem;
    }
  }
  return NULL;
}
