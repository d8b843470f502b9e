/* Convolution(x, filter, bias?), ConvolutionInputGradient(dy, filter, bias?) and ConvolutionFilterGradient(x, dy) as operators. */
#include "convolution.h"
#include "interface.h"
#include <stdlib.h>

/* A kernel is its attributes. */
enum { MOST_AXES = 8 };
typedef struct Convolution {
  Geometry geometry;
  int64_t shape[MOST_AXES];
  size_t rank;
} Convolution;

static Status createConvolution(const Operator *op, const void *unused, const void *info, void **kernel) {
  (void)op, (void)unused;
  enum { NUMBERS = 15 };
  int64_t n[NUMBERS];
  size_t count = NUMBERS;
  Convolution *convolution = malloc(sizeof(Convolution));
  *kernel = convolution;
  if (!convolution) return failure(noMemory);
  Status status = FUNCTION(KernelInfoGetAttributeArray_int64, const void *, const char *, int64_t *, size_t *)(
      info, "geometry", n, &count);
  convolution->rank = MOST_AXES;
  if (!status) {
    status = FUNCTION(KernelInfoGetAttributeArray_int64, const void *, const char *, int64_t *, size_t *)(
        info, "shape", convolution->shape, &convolution->rank);
  }
  if (status) return status;
  Geometry *geometry = &convolution->geometry;
  geometry->batch = (size_t)n[0];
  geometry->inChannels = (size_t)n[1];
  geometry->outChannels = (size_t)n[2];
  Size *const sizes[] = {&geometry->input,   &geometry->output,    &geometry->kernel,
                         &geometry->strides, &geometry->dilations, &geometry->before};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) *sizes[i] = (Size){(size_t)n[3 + 2 * i], (size_t)n[4 + 2 * i]};
  return NULL;
}

/* x, or dy; the filter; and the bias, where there is one. */
static Status inputsOf(void *context, float *inputs[3]) {
  const void *value;
  size_t count;
  inputs[2] = NULL;
  Status status = FUNCTION(KernelContext_GetInputCount, void *, size_t *)(context, &count);
  for (size_t i = 0; i < count && !status; i++) status = inputOf(context, i, &value, &inputs[i]);
  return status;
}

static Status computeConvolution(void *kernel, void *context) {
  const Convolution *c = kernel;
  float *inputs[3], *y;
  Status status = inputsOf(context, inputs);
  if (!status) status = outputOf(context, 0, c->shape, c->rank, &y);
  const Workers workers = {runParts, context};
  return status ? status : statusOf(convolve(&workers, &c->geometry, inputs[0], inputs[1], inputs[2], y));
}

static Status computeInputGradient(void *kernel, void *context) {
  const Convolution *c = kernel;
  float *inputs[3], *dx;
  Status status = inputsOf(context, inputs);
  if (!status) status = outputOf(context, 0, c->shape, c->rank, &dx);
  const Workers workers = {runParts, context};
  return status ? status : statusOf(convolveInputGradient(&workers, &c->geometry, inputs[0], inputs[1], inputs[2], dx));
}

static Status computeFilterGradient(void *kernel, void *context) {
  const Convolution *c = kernel;
  float *inputs[3], *dFilter;
  Status status = inputsOf(context, inputs);
  if (!status) status = outputOf(context, 0, c->shape, c->rank, &dFilter);
  const Workers workers = {runParts, context};
  return status ? status : statusOf(convolveFilterGradient(&workers, &c->geometry, inputs[0], inputs[1], dFilter));
}

static const char *convolutionName(const Operator *op) { (void)op; return "Convolution"; }
static const char *inputGradientName(const Operator *op) { (void)op; return "ConvolutionInputGradient"; }
static const char *filterGradientName(const Operator *op) { (void)op; return "ConvolutionFilterGradient"; }
static size_t one(const Operator *op) { (void)op; return 1; }
static size_t two(const Operator *op) { (void)op; return 2; }
static size_t three(const Operator *op) { (void)op; return 3; }
static int mayLackBias(const Operator *op, size_t i) { (void)op; return i == 2 ? OPTIONAL : 0; }

#define CONVOLUTION(compute, nameOf, inputs, kind) \
  {OPERATOR_FIELDS(createConvolution, compute, nameOf, inputs, kind, one, isRequired), .KernelDestroy = free}
const Operator convolutionOperator = CONVOLUTION(computeConvolution, convolutionName, three, mayLackBias);
const Operator inputGradientOperator = CONVOLUTION(computeInputGradient, inputGradientName, three, mayLackBias);
const Operator filterGradientOperator = CONVOLUTION(computeFilterGradient, filterGradientName, two, isRequired);
