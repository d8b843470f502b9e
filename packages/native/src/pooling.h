/* Maxima and sums of windows that move over pictures [batch, height, width, channels]. */
#ifndef POOLING_H
#define POOLING_H
#include "convolution.h"

/* Of `geometry`, the channels are inChannels; windows are not dilated. What is not a number is never a maximum. */
const void *maximaOfWindows(const Workers *, const Geometry *geometry, const float *x, float *y);
const void *sumsOfWindows(const Workers *, const Geometry *geometry, const float *x, float *y);
/* Each dy is added where its window had its first maximum. */
const void *maximaGradient(const Workers *, const Geometry *geometry, const float *dy, const float *x, float *dx);
#endif
