/* Convolution(x, filter, bias?), ConvolutionInputGradient(dy, filter, bias?) and ConvolutionFilterGradient(x, dy),
 * MaximaOfWindows(x), SumsOfWindows(x) and MaximaOfWindowsGradient(dy, x) as operators. */
#include "convolution.h"
#include "interface.h"
#include "pooling.h"
#include <stdlib.h>

/* A kernel is its attributes. */
typedef struct Convolution {
  Geometry geometry;
  Shape shape;
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
  if (!status) status = shapeOf(info, &convolution->shape);
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

typedef const void *Compute(const Workers *, const Geometry *, const float *, const float *, const float *, float *);

static const void *gradientForFilter(const Workers *workers, const Geometry *g, const float *x, const float *dy,
                                     const float *bias, float *dFilter) {
  (void)bias;
  return convolveFilterGradient(workers, g, x, dy, dFilter);
}

static Status run(void *kernel, void *context, Compute *compute) {
  const Convolution *c = kernel;
  float *inputs[3], *to;
  Status status = inputsOf(context, inputs);
  if (!status) status = outputOf(context, 0, c->shape.extents, c->shape.rank, &to);
  if (status) return status;
  const Workers workers = {runParts, context};
  return statusOf(compute(&workers, &c->geometry, inputs[0], inputs[1], inputs[2], to));
}

static Status computeConvolution(void *kernel, void *context) {
  return run(kernel, context, convolve);
}
static Status computeInputGradient(void *kernel, void *context) {
  return run(kernel, context, convolveInputGradient);
}
static Status computeFilterGradient(void *kernel, void *context) {
  return run(kernel, context, gradientForFilter);
}

static const void *maxima(const Workers *workers, const Geometry *g, const float *x, const float *b, const float *c, float *y) {
  (void)b, (void)c;
  return maximaOfWindows(workers, g, x, y);
}
static const void *sums(const Workers *workers, const Geometry *g, const float *x, const float *b, const float *c, float *y) {
  (void)b, (void)c;
  return sumsOfWindows(workers, g, x, y);
}
static const void *gradientOfMaxima(const Workers *workers, const Geometry *g, const float *dy, const float *x, const float *c,
                                    float *dx) {
  (void)c;
  return maximaGradient(workers, g, dy, x, dx);
}

static Status computeMaxima(void *kernel, void *context) { return run(kernel, context, maxima); }
static Status computeSums(void *kernel, void *context) { return run(kernel, context, sums); }
static Status computeMaximaGradient(void *kernel, void *context) {
  return run(kernel, context, gradientOfMaxima);
}

static const char *convolutionName(const Operator *op) { (void)op; return "Convolution"; }
static const char *inputGradientName(const Operator *op) { (void)op; return "ConvolutionInputGradient"; }
static const char *filterGradientName(const Operator *op) { (void)op; return "ConvolutionFilterGradient"; }
static const char *maximaName(const Operator *op) { (void)op; return "MaximaOfWindows"; }
static const char *sumsName(const Operator *op) { (void)op; return "SumsOfWindows"; }
static const char *maximaGradientName(const Operator *op) { (void)op; return "MaximaOfWindowsGradient"; }
static size_t two(const Operator *op) { (void)op; return 2; }

#define CONVOLUTION(compute, nameOf, inputs, kind) \
  {OPERATOR_FIELDS(createConvolution, compute, nameOf, inputs, kind, one, isRequired), .KernelDestroy = free}
const Operator convolutionOperator = CONVOLUTION(computeConvolution, convolutionName, three, mayLackThird);
const Operator inputGradientOperator = CONVOLUTION(computeInputGradient, inputGradientName, three, mayLackThird);
const Operator filterGradientOperator = CONVOLUTION(computeFilterGradient, filterGradientName, two, isRequired);
const Operator maximaOperator = CONVOLUTION(computeMaxima, maximaName, one, isRequired);
const Operator sumsOperator = CONVOLUTION(computeSums, sumsName, one, isRequired);
const Operator maximaGradientOperator = CONVOLUTION(computeMaximaGradient, maximaGradientName, two, isRequired);
