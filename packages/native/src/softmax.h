#ifndef SOFTMAX_H
#define SOFTMAX_H
#include "convolution.h"

/* Each row of x: [rows, columns] becomes exponentials that add up to 1; those below 2^-126 of the largest are 0. */
const void *softmax(const Workers *, size_t rows, size_t columns, const float *x, float *y);
#endif
