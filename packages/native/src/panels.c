#include "panels.h"
#include <string.h>

typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));
#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define MIXED(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#endif
#endif
#ifndef MIXED
typedef int FourPlaces __attribute__((vector_size(16)));
#define MIXED(a, b, i, j, k, l) __builtin_shuffle(a, b, (FourPlaces){i, j, k, l})
#endif

static void turnFour(const float *from, size_t step, float *to, size_t width) {
  const Four a = *(const Four *)from, b = *(const Four *)(from + step);
  const Four c = *(const Four *)(from + 2 * step), d = *(const Four *)(from + 3 * step);
  const Four ab = MIXED(a, b, 0, 4, 1, 5), AB = MIXED(a, b, 2, 6, 3, 7);
  const Four cd = MIXED(c, d, 0, 4, 1, 5), CD = MIXED(c, d, 2, 6, 3, 7);
  *(Four *)to = MIXED(ab, cd, 0, 1, 4, 5);
  *(Four *)(to + width) = MIXED(ab, cd, 2, 3, 6, 7);
  *(Four *)(to + 2 * width) = MIXED(AB, CD, 0, 1, 4, 5);
  *(Four *)(to + 3 * width) = MIXED(AB, CD, 2, 3, 6, 7);
}

/* to[k * width + c] = from[c * step + k] */
static void turn(const float *from, size_t step, size_t columns, size_t count, float *to, size_t width) {
  const size_t fours = columns / 4 * 4;
  size_t k = 0;
  for (; k + 4 <= count; k += 4) {
    for (size_t c = 0; c < fours; c += 4) turnFour(from + c * step + k, step, to + k * width + c, width);
    for (size_t c = fours; c < columns; c++)
      for (size_t i = 0; i < 4; i++) to[(k + i) * width + c] = from[c * step + k + i];
  }
  for (; k < count; k++)
    for (size_t c = 0; c < columns; c++) to[k * width + c] = from[c * step + k];
}

void fillPanel(const float *from, size_t step, int isTurned, size_t columns, size_t count, float *to, size_t width) {
  if (columns < width) memset(to, 0, count * width * sizeof(float));
  if (isTurned) {
    turn(from, step, columns, count, to, width);
    return;
  }
  for (size_t k = 0; k < count; k++) memcpy(to + k * width, from + k * step, columns * sizeof(float));
}
