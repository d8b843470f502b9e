/* Compiled once for each set of instructions: MULTIPLIER names the result, LANES floats are a vector, MOST rows fit. */
#include "multiply.h"

typedef float Vector __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
enum { AHEAD = 16 };
#define INLINE static inline __attribute__((always_inline))

/* With constant rows and vectors the sums stay in registers. */
INLINE void addProducts(const int rows, const int vectors, const int way, const float *left, ptrdiff_t step, size_t count,
                        const float *right, size_t rightStep, Vector sums[MOST_ROWS][MOST_VECTORS]) {
  for (size_t k = 0; k < count; k++) {
    Vector r[MOST_VECTORS];
    __builtin_prefetch(right + AHEAD * rightStep);
    if (vectors > 1) __builtin_prefetch(right + AHEAD * rightStep + LANES);
    if (way == K_BY_STEPS) {
      /* Steps may be longer than what the processor foresees. */
      __builtin_prefetch(left + AHEAD * step);
      if (rows > 1) __builtin_prefetch(left + AHEAD * step + rows - 1);
    }
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) r[v] = *(const Vector *)(right + v * LANES);
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++) {
      const float l = way == K_BY_STEPS ? left[i] : left[i * step];
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++) sums[i][v] += l * r[v];
    }
    left += way == K_BY_STEPS ? step : 1;
    right += rightStep;
  }
}

INLINE void fill(const int rows, const int vectors, const int way, const Tile *tile) {
  Vector sums[MOST_ROWS][MOST_VECTORS];
#pragma GCC unroll 14
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
      sums[i][v] = tile->start ? *(const Vector *)(tile->start + v * LANES) : (Vector){0};
    }
  }
  for (size_t s = 0; s < tile->segments; s++) {
    addProducts(rows, vectors, way, tile->left + tile->leftOffsets[s], tile->step, tile->count,
                tile->right + tile->rightOffsets[s], tile->rightStep, sums);
  }
  if (tile->channels == (size_t)vectors * LANES) {
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++) {
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++) {
        Vector *out = (Vector *)(tile->out[i] + v * LANES);
        if (tile->adds) *out += sums[i][v];
        else *out = sums[i][v];
      }
    }
    return;
  }
#pragma GCC unroll 14
  for (int i = 0; i < rows; i++) {
    float part[MOST_VECTORS * LANES] = {0};
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) __builtin_memcpy(part + v * LANES, &sums[i][v], sizeof(Vector));
    for (size_t c = 0; c < tile->channels; c++) tile->out[i][c] = tile->adds ? tile->out[i][c] + part[c] : part[c];
  }
}

#define TILE(rows, vectors, way)                                                                       \
  static void tile##rows##x##vectors##way(const Tile *tile) { fill(rows, vectors, way, tile); }
#define NAME(rows, vectors, way) tile##rows##x##vectors##way,
#if MOST == 14
#define EACH(with, vectors, way)                                                                                  \
  with(1, vectors, way) with(2, vectors, way) with(3, vectors, way) with(4, vectors, way) with(5, vectors, way)   \
  with(6, vectors, way) with(7, vectors, way) with(8, vectors, way) with(9, vectors, way) with(10, vectors, way)  \
  with(11, vectors, way) with(12, vectors, way) with(13, vectors, way) with(14, vectors, way)
#else
#define EACH(with, vectors, way)                                                                                \
  with(1, vectors, way) with(2, vectors, way) with(3, vectors, way) with(4, vectors, way) with(5, vectors, way) \
  with(6, vectors, way)
#endif

EACH(TILE, 1, 0) EACH(TILE, 1, 1) EACH(TILE, 2, 0) EACH(TILE, 2, 1)

const Multiplier MULTIPLIER = {
    .lanes = LANES,
    .mostRows = MOST,
    .tiles = {{{EACH(NAME, 1, 0)}, {EACH(NAME, 1, 1)}}, {{EACH(NAME, 2, 0)}, {EACH(NAME, 2, 1)}}},
};
