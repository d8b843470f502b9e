/* Divides windows among threads. */
#include "windows.h"
#include "scratch.h"
#include "sizes.h"
#include <string.h>

enum {
  /* Floats of the pixels that one thread brings together. */
  MOST_PIXEL_FLOATS = 128 * 1024,
  /* Windows for which reading a panel is worth it. */
  FEW_WINDOWS = 128,
  /* Parts of the work, so that threads end together. */
  PARTS = 16
};

static int isInside(const Windows *w) {
  const size_t height = (w->rows - 1) * w->strides.height + reach(w->taps.count.height, w->taps.dilations.height);
  const size_t width = (w->columns - 1) * w->strides.width + reach(w->taps.count.width, w->taps.dilations.width);
  return w->top >= 0 && w->left >= 0 && (size_t)w->top + height <= w->input.height &&
         (size_t)w->left + width <= w->input.width;
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
    convolveNarrow(w, first, end - first, firstPanel, endPanel, pixels);
    return;
  }
  for (size_t line = first, lines; line < end; line += lines) {
    lines = least(end - line, w->rows - line % w->rows);
    convolveRows(w, line, lines, firstPanel, endPanel, pixels);
  }
}

static void divide(Windows *w) {
  const size_t lines = w->batch * w->rows, panels = panelCount(w->multiplier, w->outChannels);
  const size_t ofMemory = MOST_PIXEL_FLOATS / most(1, pixelFloats(w, 2) - pixelFloats(w, 1));
  const size_t forParts = most(ceiling(lines, PARTS), ceiling(FEW_WINDOWS, w->columns));
  w->linesPerPart = most(1, least(least(ofMemory, forParts), lines));
  const size_t lineParts = ceiling(lines, w->linesPerPart);
  w->panelsPerPart = ceiling(panels, most(1, least(panels, PARTS / lineParts)));
  w->panelParts = ceiling(panels, w->panelsPerPart);
}

const void *computeWindows(const Workers *workers, Windows *w) {
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
