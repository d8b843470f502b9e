/* Products of matrices as they lie in memory. */
#ifndef PRODUCT_H
#define PRODUCT_H
#include "convolution.h"

/* Of each of a stack: [rows, inner] times [inner, columns], read from [inner, rows] or [columns, inner] where it is turned. */
typedef struct Extents {
  size_t stack, rows, inner, columns;
  int leftIsTurned, rightIsTurned;
} Extents;

/* `bias: [columns]` may be NULL. Returns what `convolve` does; all numbers are the same for any number of threads. */
const void *multiply(const Workers *, const Extents *, const float *left, const float *right, const float *bias, float *out);
#endif
