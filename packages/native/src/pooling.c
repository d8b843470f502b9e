#include "pooling.h"
#include "processor.h"
#include "sizes.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

/* Channels that are looked at together. */
enum { SOME = 64 };

typedef struct Pooling {
  const Geometry *geometry;
  const float *x, *dy;
  float *to;
} Pooling;

/* The taps of a window that are inside, along one axis, and the input of the first. */
typedef struct Inside {
  size_t input, count;
} Inside;

static inline Inside insideOf(size_t output, size_t stride, size_t kernel, size_t before, size_t extent) {
  const size_t begin = output * stride, end = begin + kernel;
  const size_t first = begin > before ? begin - before : 0;
  const size_t last = end > before ? least(end - before, extent) : 0;
  return (Inside){first, last > first ? last - first : 0};
}

FOR_ALL_PROCESSORS
static void maximaOfLine(void *data, size_t line) {
  const Pooling *p = data;
  const Geometry *g = p->geometry;
  const size_t channels = g->inChannels, image = line / g->output.height;
  const Inside rows = insideOf(line % g->output.height, g->strides.height, g->kernel.height, g->before.height, g->input.height);
  for (size_t column = 0; column < g->output.width; column++) {
    const Inside columns = insideOf(column, g->strides.width, g->kernel.width, g->before.width, g->input.width);
    float *restrict to = p->to + (line * g->output.width + column) * channels;
    for (size_t c = 0; c < channels; c++) to[c] = -INFINITY;
    for (size_t y = rows.input; y < rows.input + rows.count; y++) {
      for (size_t x = columns.input; x < columns.input + columns.count; x++) {
        const float *from = p->x + ((image * g->input.height + y) * g->input.width + x) * channels;
        for (size_t c = 0; c < channels; c++) to[c] = from[c] > to[c] ? from[c] : to[c];
      }
    }
  }
}

FOR_ALL_PROCESSORS
static void sumsOfLine(void *data, size_t line) {
  const Pooling *p = data;
  const Geometry *g = p->geometry;
  const size_t channels = g->inChannels, image = line / g->output.height;
  const Inside rows = insideOf(line % g->output.height, g->strides.height, g->kernel.height, g->before.height, g->input.height);
  for (size_t column = 0; column < g->output.width; column++) {
    const Inside columns = insideOf(column, g->strides.width, g->kernel.width, g->before.width, g->input.width);
    float *restrict to = p->to + (line * g->output.width + column) * channels;
    memset(to, 0, channels * sizeof(float));
    for (size_t y = rows.input; y < rows.input + rows.count; y++) {
      for (size_t x = columns.input; x < columns.input + columns.count; x++) {
        const float *from = p->x + ((image * g->input.height + y) * g->input.width + x) * channels;
        for (size_t c = 0; c < channels; c++) to[c] += from[c];
      }
    }
  }
}

FOR_ALL_PROCESSORS
static void gradientOfImage(void *data, size_t part) {
  const Pooling *p = data;
  const Geometry *g = p->geometry;
  const size_t channels = g->inChannels, groups = ceiling(channels, SOME);
  const size_t image = part / groups, first = part % groups * SOME, count = least(SOME, channels - first);
  const size_t start = image * g->input.height * g->input.width * channels + first;
  for (size_t pixel = 0; pixel < g->input.height * g->input.width; pixel++)
    memset(p->to + start + pixel * channels, 0, count * sizeof(float));
  for (size_t row = 0; row < g->output.height; row++) {
    const Inside rows = insideOf(row, g->strides.height, g->kernel.height, g->before.height, g->input.height);
    for (size_t column = 0; column < g->output.width; column++) {
      const Inside columns = insideOf(column, g->strides.width, g->kernel.width, g->before.width, g->input.width);
      const float *dy = p->dy + ((image * g->output.height + row) * g->output.width + column) * channels + first;
      float largest[SOME];
      int32_t place[SOME];
      for (size_t c = 0; c < count; c++) largest[c] = -INFINITY, place[c] = -1;
      int32_t tap = 0;
      for (size_t y = rows.input; y < rows.input + rows.count; y++) {
        for (size_t x = columns.input; x < columns.input + columns.count; x++, tap++) {
          const float *from = p->x + start + (y * g->input.width + x) * channels;
          for (size_t c = 0; c < count; c++) {
            place[c] = from[c] > largest[c] ? tap : place[c];
            largest[c] = from[c] > largest[c] ? from[c] : largest[c];
          }
        }
      }
      tap = 0;
      for (size_t y = rows.input; y < rows.input + rows.count; y++) {
        for (size_t x = columns.input; x < columns.input + columns.count; x++, tap++) {
          float *restrict to = p->to + start + (y * g->input.width + x) * channels;
          for (size_t c = 0; c < count; c++) to[c] += place[c] == tap ? dy[c] : 0.0f;
        }
      }
    }
  }
}

const void *maximaOfWindows(const Workers *workers, const Geometry *g, const float *x, float *y) {
  Pooling p = {g, x, NULL, y};
  return workers->run(workers->context, maximaOfLine, g->batch * g->output.height, &p);
}

const void *sumsOfWindows(const Workers *workers, const Geometry *g, const float *x, float *y) {
  Pooling p = {g, x, NULL, y};
  return workers->run(workers->context, sumsOfLine, g->batch * g->output.height, &p);
}

const void *maximaGradient(const Workers *workers, const Geometry *g, const float *dy, const float *x, float *dx) {
  Pooling p = {g, x, dy, dx};
  return workers->run(workers->context, gradientOfImage, g->batch * ceiling(g->inChannels, SOME), &p);
}
