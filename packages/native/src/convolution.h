/* Two-dimensional convolutions of pictures [batch, height, width, channels] with filters [height, width, in, out]. */
#ifndef CONVOLUTION_H
#define CONVOLUTION_H
#include "scratch.h"
#include <stddef.h>

typedef struct Size {
  size_t height, width;
} Size;

/* Zeros before the first row and column are `before`; those after the last follow from the sizes. */
typedef struct Geometry {
  size_t batch, inChannels, outChannels;
  Size input, output, kernel, strides, dilations, before;
} Geometry;

/* Calls part(data, i) for all i < count, on several threads; NULL, or what went wrong. */
typedef struct Workers {
  const void *(*run)(void *context, void (*part)(void *data, size_t i), size_t count, void *data);
  void *context;
} Workers;

/* `bias`, one number per channel of the result, may be NULL. Returns NULL, what the workers reported, or `noMemory`. All numbers are the same for any number of threads. */
const void *convolve(const Workers *, const Geometry *, const float *x, const float *filter, const float *bias, float *y);
const void *convolveInputGradient(const Workers *, const Geometry *, const float *dy, const float *filter,
                                  const float *bias, float *dx);
const void *convolveFilterGradient(const Workers *, const Geometry *, const float *x, const float *dy, float *dFilter);
#endif
