/* Convolutions forward and the gradient for the input, as windows. */
#include "convolution.h"
#include "windows.h"

const void *convolve(const Workers *workers, const Geometry *g, const float *x, const float *filter, const float *bias,
                     float *y) {
  Windows windows = {
      .x = x,
      .bias = bias,
      .out = y,
      .taps = {.values = filter,
               .count = g->kernel,
               .dilations = g->dilations,
               .rowStep = 1,
               .columnStep = 1,
               .kernelWidth = g->kernel.width},
      .input = g->input,
      .strides = g->strides,
      .top = -(ptrdiff_t)g->before.height,
      .left = -(ptrdiff_t)g->before.width,
      .batch = g->batch,
      .channels = g->inChannels,
      .outChannels = g->outChannels,
      .rows = g->output.height,
      .columns = g->output.width,
      .outImage = g->output.height * g->output.width * g->outChannels,
      .outRow = g->output.width * g->outChannels,
      .outColumn = g->outChannels,
  };
  return computeWindows(workers, &windows);
}

/* Along one axis: which taps reach the pixels phase, phase + stride, phase + 2 stride …, and where in dy they begin. */
typedef struct Phase {
  size_t taps, dilation, extent;
  ptrdiff_t first, begin;
} Phase;

static Phase phaseOf(size_t phase, size_t stride, size_t dilation, size_t kernel, size_t before, size_t extent) {
  Phase result = {.dilation = 1, .extent = extent > phase ? ceiling(extent - phase, stride) : 0};
  if (stride == 1) {
    result.taps = kernel;
    result.dilation = dilation;
    result.first = (ptrdiff_t)kernel - 1;
    result.begin = (ptrdiff_t)before - (ptrdiff_t)((kernel - 1) * dilation);
    return result;
  }
  const size_t first = (phase + before) % stride;
  if (first >= kernel) return result;
  result.taps = ceiling(kernel - first, stride);
  result.first = (ptrdiff_t)(first + (result.taps - 1) * stride);
  result.begin = ((ptrdiff_t)(phase + before) - result.first) / (ptrdiff_t)stride;
  return result;
}

const void *convolveInputGradient(const Workers *workers, const Geometry *g, const float *dy, const float *filter,
                                  const float *bias, float *dx) {
  const Size s = g->strides;
  for (size_t py = 0; py < s.height; py++) {
    for (size_t px = 0; px < s.width; px++) {
      const Phase down = phaseOf(py, s.height, g->dilations.height, g->kernel.height, g->before.height, g->input.height);
      const Phase across = phaseOf(px, s.width, g->dilations.width, g->kernel.width, g->before.width, g->input.width);
      if (!down.extent || !across.extent) continue;
      Windows windows = {
          .x = dy,
          .bias = bias,
          .out = dx + (py * g->input.width + px) * g->inChannels,
          .taps = {.values = filter,
                   .count = {down.taps, across.taps},
                   .dilations = {down.dilation, across.dilation},
                   .firstRow = down.first,
                   .firstColumn = across.first,
                   .rowStep = -(ptrdiff_t)s.height,
                   .columnStep = -(ptrdiff_t)s.width,
                   .kernelWidth = g->kernel.width,
                   .isTurned = 1},
          .input = g->output,
          .strides = {1, 1},
          .top = down.begin,
          .left = across.begin,
          .batch = g->batch,
          .channels = g->outChannels,
          .outChannels = g->inChannels,
          .rows = down.extent,
          .columns = across.extent,
          .outImage = g->input.height * g->input.width * g->inChannels,
          .outRow = s.height * g->input.width * g->inChannels,
          .outColumn = s.width * g->inChannels,
      };
      if (!down.taps || !across.taps) windows.taps.count = (Size){0, 0};
      const void *problem = computeWindows(workers, &windows);
      if (problem) return problem;
    }
  }
  return NULL;
}
