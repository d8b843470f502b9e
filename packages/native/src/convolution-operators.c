/* Convolution(x, filter, bias?), ConvolutionInputGradient(dy, filter, bias?) and ConvolutionFilterGradient(x, dy),
 * MaximaOfWindows(x), SumsOfWindows(x) and MaximaOfWindowsGradient(dy, x) as operators. */
#include "convolution.h"
#include "interface.h"
#include "pooling.h"
#include <stdlib.h>

/* A kernel is its attributes. */
typedef struct Convolution {
  Geometry geometry;
  /* Many of them, one after the other in memory. */
  size_t stack;
  Shape shape;
} Convolution;

static Status createConvolution(const Operator *op, const void *unused, const void *info, void **kernel) {
  (void)op, (void)unused;
  enum { NUMBERS = 16 };
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
  convolution->stack = (size_t)n[15];
  return NULL;
}

/* x, or dy; the filter; and the bias, where there is one. */
static Status inputsOf(void *context, float *inputs[3]) {
  const void *value;
  size_t count;
  inputs[0] = inputs[1] = inputs[2] = NULL;
  Status status = FUNCTION(KernelContext_GetInputCount, void *, size_t *)(context, &count);
  for (size_t i = 0; i < count && !status; i++) status = inputOf(context, i, &value, &inputs[i]);
  return status;
}

typedef const void *Compute(const Workers *, const Geometry *, const float *, const float *, const float *, float *);

static const void *gradientForFilter(const Workers *workers, const Geometry *g, const float *x, const float *dy,
                                     const float *bias, float *dFilter) {
  (void)bias;
  return convolveFilterGradient(workers, g, x, dy, dFilter);
}

typedef struct Stack {
  const Geometry *geometry;
  Compute *compute;
  const float *a, *b, *bias;
  float *to;
  size_t sizeOfA, sizeOfB, sizeOfResult;
  const void *problem;
} Stack;

static const void *runHere(void *context, void (*part)(void *, size_t), size_t count, void *data) {
  (void)context;
  for (size_t i = 0; i < count; i++) part(data, i);
  return NULL;
}

static void computeOne(void *data, size_t i) {
  Stack *s = data;
  const Workers here = {runHere, NULL};
  const void *problem = s->compute(&here, s->geometry, s->a + i * s->sizeOfA, s->b + i * s->sizeOfB, s->bias, s->to + i * s->sizeOfResult);
  if (problem) s->problem = problem;
}

enum { X, Y, FILTER };

/* `compute` takes what `a` and `b` are the sizes of, and gives a `result`. */
static Status computeStack(void *kernel, void *context, Compute *compute, int a, int b, int result) {
  const Convolution *c = kernel;
  const Geometry *g = &c->geometry;
  const size_t sizes[] = {
      [X] = g->batch * g->input.height * g->input.width * g->inChannels,
      [Y] = g->batch * g->output.height * g->output.width * g->outChannels,
      [FILTER] = g->kernel.height * g->kernel.width * g->inChannels * g->outChannels,
  };
  float *inputs[3], *to;
  Status status = inputsOf(context, inputs);
  if (!status) status = outputOf(context, 0, c->shape.extents, c->shape.rank, &to);
  if (status) return status;
  const Workers workers = {runParts, context};
  if (c->stack == 1) return statusOf(compute(&workers, g, inputs[0], inputs[1], inputs[2], to));
  Stack stack = {g, compute, inputs[0], inputs[1], inputs[2], to, sizes[a], sizes[b], sizes[result], NULL};
  const void *problem = runParts(context, computeOne, c->stack, &stack);
  return statusOf(problem ? problem : stack.problem);
}

static Status computeConvolution(void *kernel, void *context) {
  return computeStack(kernel, context, convolve, X, FILTER, Y);
}
static Status computeInputGradient(void *kernel, void *context) {
  return computeStack(kernel, context, convolveInputGradient, Y, FILTER, X);
}
static Status computeFilterGradient(void *kernel, void *context) {
  return computeStack(kernel, context, gradientForFilter, X, Y, FILTER);
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

static Status computeMaxima(void *kernel, void *context) { return computeStack(kernel, context, maxima, X, X, Y); }
static Status computeSums(void *kernel, void *context) { return computeStack(kernel, context, sums, X, X, Y); }
static Status computeMaximaGradient(void *kernel, void *context) {
  return computeStack(kernel, context, gradientOfMaxima, Y, X, X);
}

static const char *convolutionName(const Operator *op) { (void)op; return "Convolution"; }
static const char *inputGradientName(const Operator *op) { (void)op; return "ConvolutionInputGradient"; }
static const char *filterGradientName(const Operator *op) { (void)op; return "ConvolutionFilterGradient"; }
static const char *maximaName(const Operator *op) { (void)op; return "MaximaOfWindows"; }
static const char *sumsName(const Operator *op) { (void)op; return "SumsOfWindows"; }
static const char *maximaGradientName(const Operator *op) { (void)op; return "MaximaOfWindowsGradient"; }
static size_t two(const Operator *op) { (void)op; return 2; }
static size_t three(const Operator *op) { (void)op; return 3; }
static int mayLackBias(const Operator *op, size_t i) { (void)op; return i == 2 ? OPTIONAL : 0; }

#define CONVOLUTION(compute, nameOf, inputs, kind) \
  {OPERATOR_FIELDS(createConvolution, compute, nameOf, inputs, kind, one, isRequired), .KernelDestroy = free}
const Operator convolutionOperator = CONVOLUTION(computeConvolution, convolutionName, three, mayLackBias);
const Operator inputGradientOperator = CONVOLUTION(computeInputGradient, inputGradientName, three, mayLackBias);
const Operator filterGradientOperator = CONVOLUTION(computeFilterGradient, filterGradientName, two, isRequired);
const Operator maximaOperator = CONVOLUTION(computeMaxima, maximaName, one, isRequired);
const Operator sumsOperator = CONVOLUTION(computeSums, sumsName, one, isRequired);
const Operator maximaGradientOperator = CONVOLUTION(computeMaximaGradient, maximaGradientName, two, isRequired);
