/* Products of small matrices, in the registers of a processor: what all convolutions are made of. */
#ifndef MULTIPLY_H
#define MULTIPLY_H
#include "sizes.h"

/* Most rows of a tile on any processor, and most vectors beside each other. */
enum { MOST_ROWS = 14, MOST_VECTORS = 2 };

/*
 * out[i][c] (+)= start[c] + sum over segments s and k < count of left(s, k, i) * right[rightOffsets[s] + k * rightStep + c]
 *
 * with left(s, k, i) = left[leftOffsets[s] + i * step + k] where `rows` go by steps,
 *                      left[leftOffsets[s] + i + k * step] where `k` does.
 */
typedef struct Tile {
  const float *left, *right, *start;
  const ptrdiff_t *leftOffsets, *rightOffsets;
  size_t segments, count, rightStep;
  ptrdiff_t step;
  float *out[MOST_ROWS];
  size_t channels;
  int adds;
} Tile;

enum { ROWS_BY_STEPS, K_BY_STEPS };

typedef struct Multiplier {
  size_t lanes, mostRows;
  /* [vectors - 1][ROWS_BY_STEPS or K_BY_STEPS][rows - 1] */
  void (*tiles[MOST_VECTORS][2][MOST_ROWS])(const Tile *);
} Multiplier;

/* The best for this processor. */
const Multiplier *multiplierHere(void);

/* Columns come in panels, [k][width] each, of MOST_VECTORS vectors; the last one may be a single vector. */
static inline size_t panelWidth(const Multiplier *m) { return MOST_VECTORS * m->lanes; }
static inline size_t panelCount(const Multiplier *m, size_t columns) {
  return ceiling(columns, panelWidth(m));
}
static inline size_t widthOf(const Multiplier *m, size_t panel, size_t columns) {
  return columns - panel * panelWidth(m) > m->lanes ? panelWidth(m) : m->lanes;
}
static inline size_t columnsOf(const Multiplier *m, size_t panel, size_t columns) {
  return least(columns - panel * panelWidth(m), panelWidth(m));
}

/* Computes a tile of `rows` for a panel of `width`. */
static inline void fillTile(const Multiplier *m, size_t width, int way, size_t rows, const Tile *tile) {
  m->tiles[width / m->lanes - 1][way][rows - 1](tile);
}

/* How many of the `rest` come next, so that all tiles are about equally large. */
static inline size_t tileRows(const Multiplier *m, size_t rest) {
  return ceiling(rest, ceiling(rest, m->mostRows));
}
#endif
