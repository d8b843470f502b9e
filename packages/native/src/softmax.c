#include "softmax.h"
#include "processor.h"
#include "sizes.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

enum {
  /* Partial results beside each other: as many as a vector has, and always the same. */
  LANES = 16,
  /* Elements for which a thread is worth it. */
  MANY = 16 * 1024
};

typedef struct Rows {
  size_t rows, columns, rowsPerPart;
  const float *x;
  float *y;
} Rows;

/* e^x for x <= 0, with an error below 2^-22: x = n log 2 + r, and e^r by a polynomial fitted at Chebyshev nodes. */
static inline float exponential(float x) {
  const float log2e = 1.44269504f, log2High = 0.693145752f, log2Low = 1.42860677e-6f, toInteger = 12582912.0f;
  const float bounded = x < -87.0f ? -87.0f : x;
  const float n = (bounded * log2e + toInteger) - toInteger;
  const float r = (bounded - n * log2High) - n * log2Low;
  const float p = (((((0.00139487f * r + 0.008375213f) * r + 0.041666217f) * r + 0.16666414f) * r + 0.5f) * r + 1.0f) * r + 1.0f;
  const int32_t exponent = ((int32_t)n + 127) << 23;
  float power;
  memcpy(&power, &exponent, sizeof power);
  /* What is not a number stays so; tiny results would be slow numbers. */
  return x < -87.0f ? 0.0f : x == x ? p * power : x;
}

FOR_ALL_PROCESSORS
static void computeRows(void *data, size_t part) {
  const Rows *run = data;
  const size_t columns = run->columns;
  const size_t end = least((part + 1) * run->rowsPerPart, run->rows);
  for (size_t row = part * run->rowsPerPart; row < end; row++) {
    const float *x = run->x + row * columns;
    float *restrict y = run->y + row * columns;
    const size_t whole = columns / LANES * LANES;
    float partial[LANES];
    float largest = -INFINITY;
    for (size_t lane = 0; lane < LANES; lane++) partial[lane] = -INFINITY;
    for (size_t i = 0; i < whole; i += LANES)
      for (size_t lane = 0; lane < LANES; lane++) partial[lane] = x[i + lane] > partial[lane] ? x[i + lane] : partial[lane];
    for (size_t lane = 0; lane < LANES; lane++) largest = partial[lane] > largest ? partial[lane] : largest;
    for (size_t i = whole; i < columns; i++) largest = x[i] > largest ? x[i] : largest;
    for (size_t i = 0; i < columns; i++) y[i] = exponential(x[i] - largest);
    float sum = 0;
    for (size_t lane = 0; lane < LANES; lane++) partial[lane] = 0;
    for (size_t i = 0; i < whole; i += LANES)
      for (size_t lane = 0; lane < LANES; lane++) partial[lane] += y[i + lane];
    for (size_t lane = 0; lane < LANES; lane++) sum += partial[lane];
    for (size_t i = whole; i < columns; i++) sum += y[i];
    for (size_t i = 0; i < columns; i++) y[i] = y[i] / sum;
  }
}

const void *softmax(const Workers *workers, size_t rows, size_t columns, const float *x, float *y) {
  if (!rows || !columns) return NULL;
  Rows run = {rows, columns, ceiling(MANY, columns), x, y};
  return workers->run(workers->context, computeRows, ceiling(rows, run.rowsPerPart), &run);
}
