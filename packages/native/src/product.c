/* Products of matrices: tiles read both sides where they are, and only what is turned is brought into order. */
#include "product.h"
#include "multiply.h"
#include "panels.h"
#include "sizes.h"
#include <string.h>

enum {
  /* Products that are added up at a time: short sums are accurate, and their part of a panel stays near. */
  MOST_PRODUCTS = 256,
  /* What one thread computes at a time, so that the left side stays near, too. */
  BLOCK = 256,
  FEW_ROWS = 56,
  /* Parts of the work, so that threads end together, and what is worth calling one. */
  PARTS = 16,
  WORTH_A_PART = 1 << 17
};

typedef struct Product {
  const Multiplier *multiplier;
  const Extents *extents;
  const float *left, *right, *bias;
  float *out;
  size_t blockRows, blockColumns, rowBlocks, columnBlocks;
  const char *problem;
} Product;

/* ---- panels ---- */

/* `count` rows of a panel from row `first` on, and how far they are apart. */
static const float *panelOf(const Product *p, const float *right, size_t panel, size_t first, size_t count,
                            float *memory, size_t *step) {
  const Extents *e = p->extents;
  const size_t column = panel * panelWidth(p->multiplier);
  const size_t width = widthOf(p->multiplier, panel, e->columns), there = columnsOf(p->multiplier, panel, e->columns);
  *step = e->columns;
  if (!e->rightIsTurned && there == width) return right + first * e->columns + column;
  *step = width;
  const float *from = e->rightIsTurned ? right + column * e->inner + first : right + first * e->columns + column;
  fillPanel(from, e->rightIsTurned ? e->inner : e->columns, e->rightIsTurned, there, count, memory, width);
  return memory;
}

/* ---- blocks ---- */

static void multiplyBlock(void *data, size_t part) {
  Product *p = data;
  const Extents *e = p->extents;
  const Multiplier *m = p->multiplier;
  const size_t firstColumn = part % p->columnBlocks * p->blockColumns;
  part /= p->columnBlocks;
  const size_t firstRow = part % p->rowBlocks * p->blockRows, matrix = part / p->rowBlocks;
  const size_t endRow = least(firstRow + p->blockRows, e->rows);
  const size_t endColumn = least(firstColumn + p->blockColumns, e->columns);
  const float *left = p->left + matrix * e->rows * e->inner, *right = p->right + matrix * e->inner * e->columns;
  float *out = p->out + matrix * e->rows * e->columns;
  float *memory = scratch(PANELS, (MOST_PRODUCTS + 1) * panelWidth(m));
  if (!memory) {
    p->problem = noMemory;
    return;
  }
  float *start = memory + MOST_PRODUCTS * panelWidth(m);
  const ptrdiff_t none = 0;
  size_t done = 0;
  do {
    const size_t count = least(MOST_PRODUCTS, e->inner - done);
    for (size_t column = firstColumn; column < endColumn; column += panelWidth(m)) {
      const size_t panel = column / panelWidth(m);
      Tile tile = {
          .leftOffsets = &none,
          .rightOffsets = &none,
          .segments = 1,
          .count = count,
          .step = (ptrdiff_t)(e->leftIsTurned ? e->rows : e->inner),
          .channels = columnsOf(m, panel, e->columns),
          .adds = done > 0,
      };
      tile.right = panelOf(p, right, panel, done, count, memory, &tile.rightStep);
      if (p->bias && !done) {
        memcpy(start, p->bias + column, tile.channels * sizeof(float));
        tile.start = start;
      }
      for (size_t row = firstRow, rows; row < endRow; row += rows) {
        rows = tileRows(m, endRow - row);
        tile.left = e->leftIsTurned ? left + done * e->rows + row : left + row * e->inner + done;
        for (size_t i = 0; i < rows; i++) tile.out[i] = out + (row + i) * e->columns + column;
        fillTile(m, widthOf(m, panel, e->columns), e->leftIsTurned ? K_BY_STEPS : ROWS_BY_STEPS, rows, &tile);
      }
    }
    done += count;
  } while (done < e->inner);
}

static size_t blocks(const Product *p) {
  const Extents *e = p->extents;
  return e->stack * ceiling(e->rows, p->blockRows) * ceiling(e->columns, p->blockColumns);
}

/* By columns first: what is turned is turned once for all rows of a block. */
static void divide(Product *p) {
  const Extents *e = p->extents;
  const size_t width = panelWidth(p->multiplier);
  const size_t parts = least(PARTS, e->stack * e->rows * e->inner * e->columns / WORTH_A_PART);
  p->blockColumns = least(BLOCK, panelCount(p->multiplier, e->columns) * width);
  p->blockRows = least(BLOCK, e->rows);
  while (blocks(p) < parts && p->blockColumns > 2 * width) p->blockColumns = ceiling(p->blockColumns / 2, width) * width;
  while (blocks(p) < parts && p->blockRows > FEW_ROWS) p->blockRows = ceiling(p->blockRows, 2);
  p->rowBlocks = ceiling(e->rows, p->blockRows);
  p->columnBlocks = ceiling(e->columns, p->blockColumns);
}

const void *multiply(const Workers *workers, const Extents *extents, const float *left, const float *right,
                     const float *bias, float *out) {
  Product p = {.multiplier = multiplierHere(), .extents = extents, .left = left, .right = right, .bias = bias, .out = out};
  divide(&p);
  const void *problem = workers->run(workers->context, multiplyBlock, blocks(&p), &p);
  return problem ? problem : p.problem;
}
