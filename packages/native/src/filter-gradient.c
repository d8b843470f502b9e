/* The gradient of a convolution for its filter: for each tap, pixels of x times the pixels of dy that they reached. */
#include "convolution.h"
#include "multiply.h"
#include "scratch.h"
#include "sizes.h"
#include <string.h>

enum {
  /* Pixels that are added up at a time: short sums are accurate, and their part of dy stays near. */
  MOST_PIXELS = 128,
  /* Parts of the work, so that threads end together. */
  PARTS = 8,
  /* Channels of x for which reading dy is worth it. */
  FEW_CHANNELS = 8,
  /* Widths of panels are multiples of it. */
  SMALLEST_VECTOR = 4
};

typedef struct Correlation {
  const Multiplier *multiplier;
  Geometry geometry;
  const float *x, *dy;
  /* The gradient; where the pixels are divided, those of each part, one after the other. */
  float *dFilter, *sums;
  size_t size, taps;
  /* How it is divided. */
  size_t linesPerPart, lineParts, panelsPerPart, panelParts, tapsPerPart, tapParts, channelsPerPart, channelParts;
  const char *problem;
} Correlation;

/* Outputs whose input at a tap is inside, along one axis. */
typedef struct Range {
  size_t from, to;
} Range;

static Range insideOf(size_t tap, size_t stride, size_t dilation, size_t before, size_t input, size_t output) {
  const ptrdiff_t first = (ptrdiff_t)(tap * dilation) - (ptrdiff_t)before;
  const size_t from = first < 0 ? ceiling((size_t)-first, stride) : 0;
  const size_t to = first >= (ptrdiff_t)input ? 0 : (size_t)((ptrdiff_t)input - 1 - first) / stride + 1;
  return (Range){least(from, output), least(to, output)};
}

/* Rows of dy of all images, one after the other, and some of their columns. */
typedef struct Chunk {
  size_t line, lines, column, columns;
} Chunk;

/* A panel of dy: where all channels are one, their pixels are in its order already. */
static const float *panelOf(const Correlation *c, const Chunk *chunk, size_t panel, float *memory) {
  const Multiplier *m = c->multiplier;
  const size_t channels = c->geometry.outChannels;
  float *to = memory;
  const size_t width = widthOf(m, panel, channels), there = columnsOf(m, panel, channels);
  if (width == channels) return c->dy + (chunk->line * c->geometry.output.width + chunk->column) * channels;
  for (size_t line = 0; line < chunk->lines; line++) {
    const size_t pixel = (chunk->line + line) * c->geometry.output.width + chunk->column;
    const float *from = c->dy + pixel * channels + panel * panelWidth(m);
    for (size_t i = 0; i < chunk->columns; i++, from += channels, to += width) {
      if (there == width) {
        for (size_t c = 0; c < width; c += SMALLEST_VECTOR) memcpy(to + c, from + c, SMALLEST_VECTOR * sizeof(float));
      } else {
        memcpy(to, from, there * sizeof(float));
        memset(to + there, 0, (width - there) * sizeof(float));
      }
    }
  }
  return memory;
}

static void addTap(const Correlation *c, const Chunk *chunk, size_t panel, size_t tap, size_t firstChannel,
                   size_t endChannel, const float *dy, float *sums, int adds) {
  const Geometry *g = &c->geometry;
  const Multiplier *m = c->multiplier;
  const size_t width = widthOf(m, panel, g->outChannels);
  const size_t ty = tap / g->kernel.width, tx = tap % g->kernel.width;
  const Range rows = insideOf(ty, g->strides.height, g->dilations.height, g->before.height, g->input.height, g->output.height);
  const Range columns = insideOf(tx, g->strides.width, g->dilations.width, g->before.width, g->input.width, g->output.width);
  const size_t from = most(columns.from, chunk->column), to = least(columns.to, chunk->column + chunk->columns);
  ptrdiff_t leftOffsets[MOST_PIXELS], rightOffsets[MOST_PIXELS];
  size_t segments = 0;
  for (size_t i = 0; i < chunk->lines && from < to; i++) {
    const size_t image = (chunk->line + i) / g->output.height, row = (chunk->line + i) % g->output.height;
    if (row < rows.from || row >= rows.to) continue;
    const size_t y = row * g->strides.height + ty * g->dilations.height - g->before.height;
    const size_t x = from * g->strides.width + tx * g->dilations.width - g->before.width;
    leftOffsets[segments] = (ptrdiff_t)(((image * g->input.height + y) * g->input.width + x) * g->inChannels);
    rightOffsets[segments++] = (ptrdiff_t)((i * chunk->columns + from - chunk->column) * width);
  }
  if (!segments && adds) return;
  Tile tile = {
      .right = dy,
      .leftOffsets = leftOffsets,
      .rightOffsets = rightOffsets,
      .segments = segments,
      .count = segments ? to - from : 0,
      .rightStep = width,
      .step = (ptrdiff_t)(g->strides.width * g->inChannels),
      .channels = columnsOf(m, panel, g->outChannels),
      .adds = adds,
  };
  for (size_t channel = firstChannel, count; channel < endChannel; channel += count) {
    count = tileRows(m, endChannel - channel);
    tile.left = c->x + channel;
    float *out = sums + (tap * g->inChannels + channel) * g->outChannels + panel * panelWidth(m);
    for (size_t i = 0; i < count; i++) tile.out[i] = out + i * g->outChannels;
    fillTile(m, width, K_BY_STEPS, count, &tile);
  }
}

static void correlatePart(void *data, size_t part) {
  Correlation *c = data;
  const Geometry *g = &c->geometry;
  const size_t width = g->output.width;
  const size_t firstChannel = part % c->channelParts * c->channelsPerPart;
  const size_t endChannel = least(firstChannel + c->channelsPerPart, g->inChannels);
  part /= c->channelParts;
  const size_t firstTap = part % c->tapParts * c->tapsPerPart, endTap = least(firstTap + c->tapsPerPart, c->taps);
  part /= c->tapParts;
  const size_t firstPanel = part % c->panelParts * c->panelsPerPart;
  const size_t endPanel = least(firstPanel + c->panelsPerPart, panelCount(c->multiplier, g->outChannels));
  part /= c->panelParts;
  const size_t firstLine = part * c->linesPerPart;
  const size_t endLine = least(firstLine + c->linesPerPart, g->batch * g->output.height);
  float *sums = c->sums + part * c->size;
  float *memory = scratch(PIXELS, MOST_PIXELS * panelWidth(c->multiplier));
  if (!memory) {
    c->problem = noMemory;
    return;
  }
  const Chunk whole = {.lines = most(1, MOST_PIXELS / width), .columns = least(width, MOST_PIXELS)};
  Chunk chunk = whole;
  for (chunk.line = firstLine; chunk.line < endLine; chunk.line += chunk.lines) {
    chunk.lines = least(whole.lines, endLine - chunk.line);
    for (chunk.column = 0; chunk.column < width; chunk.column += chunk.columns) {
      chunk.columns = least(whole.columns, width - chunk.column);
      const int adds = chunk.line > firstLine || chunk.column > 0;
      for (size_t panel = firstPanel; panel < endPanel; panel++) {
        const float *dy = panelOf(c, &chunk, panel, memory);
        for (size_t tap = firstTap; tap < endTap; tap++)
          addTap(c, &chunk, panel, tap, firstChannel, endChannel, dy, sums, adds);
      }
    }
  }
}

enum { ADDED_AT_ONCE = 4096 };

static void addParts(void *data, size_t part) {
  const Correlation *c = data;
  const size_t first = part * ADDED_AT_ONCE, count = least(ADDED_AT_ONCE, c->size - first);
  float *to = c->dFilter + first;
  memcpy(to, c->sums + first, count * sizeof(float));
  for (size_t i = 1; i < c->lineParts; i++) {
    const float *from = c->sums + i * c->size + first;
    for (size_t k = 0; k < count; k++) to[k] += from[k];
  }
}

/* Pixels are divided where they are many: each is read once, and the sums of the parts are added. */
static void divide(Correlation *c) {
  const Geometry *g = &c->geometry;
  const size_t panels = panelCount(c->multiplier, g->outChannels);
  const size_t lines = g->batch * g->output.height;
  const size_t pixels = lines * g->output.width * (g->inChannels + g->outChannels);
  c->linesPerPart = lines;
  c->panelsPerPart = panels;
  c->tapsPerPart = c->taps;
  c->channelsPerPart = g->inChannels;
  if (pixels >= 2 * PARTS * c->size && lines >= PARTS) {
    c->linesPerPart = ceiling(lines, PARTS);
  } else {
    c->panelsPerPart = 1;
    /* Taps that are together read the same pixels. */
    const size_t channelParts = least(ceiling(PARTS, panels), g->inChannels / FEW_CHANNELS);
    c->channelsPerPart = ceiling(g->inChannels, most(1, channelParts));
    c->tapsPerPart = most(1, panels * ceiling(g->inChannels, c->channelsPerPart) * c->taps / PARTS);
  }
  c->lineParts = ceiling(lines, c->linesPerPart);
  c->panelParts = ceiling(panels, c->panelsPerPart);
  c->tapParts = ceiling(c->taps, c->tapsPerPart);
  c->channelParts = ceiling(g->inChannels, c->channelsPerPart);
}

const void *convolveFilterGradient(const Workers *workers, const Geometry *geometry, const float *x, const float *dy,
                                   float *dFilter) {
  Correlation c = {.multiplier = multiplierHere(), .geometry = *geometry, .x = x, .dy = dy, .dFilter = dFilter};
  c.taps = geometry->kernel.height * geometry->kernel.width;
  c.size = c.taps * geometry->inChannels * geometry->outChannels;
  divide(&c);
  c.sums = c.lineParts > 1 ? scratch(PANELS, c.lineParts * c.size) : dFilter;
  if (!c.sums) return noMemory;
  const size_t parts = c.lineParts * c.panelParts * c.tapParts * c.channelParts;
  const void *problem = workers->run(workers->context, correlatePart, parts, &c);
  if (!problem && c.lineParts > 1) problem = workers->run(workers->context, addParts, ceiling(c.size, ADDED_AT_ONCE), &c);
  return problem ? problem : c.problem;
}
