/*
 * Convolution(x, filter), ConvolutionInputGradient(dy, filter) and ConvolutionFilterGradient(x, dy) by cuDNN: pictures
 * [batch, height, width, channels], filters [out, height, width, in], the same number of zeros on both sides.
 */
#ifdef __linux__
#include "gpu.h"
#include <stdlib.h>

typedef enum Direction { FORWARD, TO_INPUT, TO_FILTER } Direction;

/* cudnnConvolution…AlgoPerf_t */
typedef struct Found {
  int algorithm, status;
  float time;
  size_t memory;
  int isDeterministic, mathType, reserved[3];
} Found;

typedef struct Convolution {
  Direction direction;
  Shape shape;
  void *x, *y, *filter, *convolution;
  int isChosen, algorithm;
  size_t bytes;
  void *workspace;
} Convolution;

enum { NHWC = 1, FLOAT32 = 0, CROSS_CORRELATION = 1, DEFAULT_MATH = 0, FMA_MATH = 3, MOST_ALGORITHMS = 8 };
static const size_t mostWorkspace = (size_t)1 << 30;

/* Results of earlier calls stay where they are, as a captured run knows their address. */
static Status workspaceOf(size_t bytes, void **address) {
  static void *block;
  static size_t size;
  Status status = NULL;
  if (bytes > size) {
    status = gpuFailure("cudaMalloc", GPU(cudaMalloc, void **, size_t)(&block, bytes));
    size = status ? 0 : bytes;
  }
  *address = block;
  return status;
}

static Status handleOf(void *stream, void **handle) {
  static void *made;
  Status status = NULL;
  if (!made) status = gpuFailure("cudnnCreate", GPU(cudnnCreate, void **)(&made));
  *handle = made;
  return status ? status : gpuFailure("cudnnSetStream", GPU(cudnnSetStream, void *, void *)(made, stream));
}

static void freeConvolution(void *data) {
  Convolution *c = data;
  if (!c) return;
  if (c->x) GPU(cudnnDestroyTensorDescriptor, void *)(c->x);
  if (c->y) GPU(cudnnDestroyTensorDescriptor, void *)(c->y);
  if (c->filter) GPU(cudnnDestroyFilterDescriptor, void *)(c->filter);
  if (c->convolution) GPU(cudnnDestroyConvolutionDescriptor, void *)(c->convolution);
  free(c);
}

static Status createConvolution(const void *info, Direction direction, void **kernel) {
  enum { NUMBERS = 15 };
  int64_t n[NUMBERS];
  size_t count = NUMBERS;
  Convolution *c = calloc(1, sizeof(Convolution));
  *kernel = c;
  if (!c) return failure("no memory");
  c->direction = direction;
  Status status = FUNCTION(KernelInfoGetAttributeArray_int64, const void *, const char *, int64_t *, size_t *)(
      info, "geometry", n, &count);
  if (!status) status = shapeOf(info, &c->shape);
  if (status) return status;
  enum { BATCH, IN, OUT, INPUT, OUTPUT = 5, KERNEL = 7, STRIDES = 9, DILATIONS = 11, BEFORE = 13 };
#define SUCCEED(name, types, ...) \
  if (!status) status = gpuFailure(#name, GPU(name, EXPAND types)(__VA_ARGS__))
#define EXPAND(...) __VA_ARGS__
#define N(i) ((int)n[i])
  SUCCEED(cudnnCreateTensorDescriptor, (void **), &c->x);
  SUCCEED(cudnnCreateTensorDescriptor, (void **), &c->y);
  SUCCEED(cudnnCreateFilterDescriptor, (void **), &c->filter);
  SUCCEED(cudnnCreateConvolutionDescriptor, (void **), &c->convolution);
  SUCCEED(cudnnSetTensor4dDescriptor, (void *, int, int, int, int, int, int), c->x, NHWC, FLOAT32, N(BATCH), N(IN),
          N(INPUT), N(INPUT + 1));
  SUCCEED(cudnnSetTensor4dDescriptor, (void *, int, int, int, int, int, int), c->y, NHWC, FLOAT32, N(BATCH), N(OUT),
          N(OUTPUT), N(OUTPUT + 1));
  SUCCEED(cudnnSetFilter4dDescriptor, (void *, int, int, int, int, int, int), c->filter, FLOAT32, NHWC, N(OUT), N(IN),
          N(KERNEL), N(KERNEL + 1));
  SUCCEED(cudnnSetConvolution2dDescriptor, (void *, int, int, int, int, int, int, int, int), c->convolution, N(BEFORE),
          N(BEFORE + 1), N(STRIDES), N(STRIDES + 1), N(DILATIONS), N(DILATIONS + 1), CROSS_CORRELATION, FLOAT32);
  SUCCEED(cudnnSetConvolutionMathType, (void *, int), c->convolution, gpuMayRound ? DEFAULT_MATH : FMA_MATH);
  return status;
}

static int mayTake(const Found *found, int mayVary) {
  return found->status == 0 && found->memory <= mostWorkspace && (mayVary || found->isDeterministic);
}

/* The first by cudnn's order that gives the same numbers each time; another one where there is none. */
static Status choose(Convolution *c, void *handle) {
  Found found[MOST_ALGORITHMS];
  int count = 0;
  Status status = NULL;
  if (c->direction == FORWARD) {
    SUCCEED(cudnnGetConvolutionForwardAlgorithm_v7, (void *, void *, void *, void *, void *, int, int *, Found *), handle, c->x,
            c->filter, c->convolution, c->y, MOST_ALGORITHMS, &count, found);
  } else if (c->direction == TO_INPUT) {
    SUCCEED(cudnnGetConvolutionBackwardDataAlgorithm_v7, (void *, void *, void *, void *, void *, int, int *, Found *), handle,
            c->filter, c->y, c->convolution, c->x, MOST_ALGORITHMS, &count, found);
  } else {
    SUCCEED(cudnnGetConvolutionBackwardFilterAlgorithm_v7, (void *, void *, void *, void *, void *, int, int *, Found *), handle,
            c->x, c->y, c->convolution, c->filter, MOST_ALGORITHMS, &count, found);
  }
  const Found *chosen = NULL;
  for (int mayVary = 0; mayVary < 2 && !chosen && !status; mayVary++) {
    for (int i = 0; i < count && !chosen; i++) {
      if (mayTake(&found[i], mayVary)) chosen = &found[i];
    }
  }
  if (!status && !chosen) status = failure("cuDNN has no algorithm for a convolution");
  if (status) return status;
  c->algorithm = chosen->algorithm;
  c->bytes = chosen->memory;
  SUCCEED(cudnnSetConvolutionMathType, (void *, int), c->convolution, gpuMayRound ? chosen->mathType : FMA_MATH);
  if (!status) status = workspaceOf(c->bytes, &c->workspace);
  c->isChosen = !status;
  return status;
}

static Status computeConvolution(void *kernel, void *context) {
  Convolution *c = kernel;
  const void *value;
  float *first, *second, *result;
  void *stream, *handle;
  const float all = 1, nothing = 0;
  Status status = inputOf(context, 0, &value, &first);
  if (!status) status = inputOf(context, 1, &value, &second);
  if (!status) status = outputOf(context, 0, c->shape.extents, c->shape.rank, &result);
  if (!status) status = gpuStream(context, &stream);
  if (!status) status = handleOf(stream, &handle);
  if (!status && !c->isChosen) status = choose(c, handle);
#define TYPES                                                                                                              \
  (void *, const float *, void *, const void *, void *, const void *, void *, int, void *, size_t, const float *, void *, \
   void *)
  if (c->direction == FORWARD) {
    SUCCEED(cudnnConvolutionForward, TYPES, handle, &all, c->x, first, c->filter, second, c->convolution, c->algorithm,
            c->workspace, c->bytes, &nothing, c->y, result);
  } else if (c->direction == TO_INPUT) {
    SUCCEED(cudnnConvolutionBackwardData, TYPES, handle, &all, c->filter, second, c->y, first, c->convolution, c->algorithm,
            c->workspace, c->bytes, &nothing, c->x, result);
  } else {
    SUCCEED(cudnnConvolutionBackwardFilter, TYPES, handle, &all, c->x, first, c->y, second, c->convolution, c->algorithm,
            c->workspace, c->bytes, &nothing, c->filter, result);
  }
  return status;
}

#define CREATE(name, direction)                                                                              \
  static Status name(const Operator *op, const void *unused, const void *info, void **kernel) {              \
    (void)op, (void)unused;                                                                                  \
    return createConvolution(info, direction, kernel);                                                       \
  }
CREATE(createForward, FORWARD)
CREATE(createToInput, TO_INPUT)
CREATE(createToFilter, TO_FILTER)
static const char *convolutionName(const Operator *op) { (void)op; return "Convolution"; }
static const char *inputGradientName(const Operator *op) { (void)op; return "ConvolutionInputGradient"; }
static const char *filterGradientName(const Operator *op) { (void)op; return "ConvolutionFilterGradient"; }
static size_t two(const Operator *op) { (void)op; return 2; }

#define CONVOLUTION(create, nameOf)                                                            \
  {OPERATOR_FIELDS_ON(onGpu, create, computeConvolution, nameOf, two, isRequired, one, isRequired),      \
   .KernelDestroy = freeConvolution}
const Operator gpuConvolutionOperator = CONVOLUTION(createForward, convolutionName);
const Operator gpuInputGradientOperator = CONVOLUTION(createToInput, inputGradientName);
const Operator gpuFilterGradientOperator = CONVOLUTION(createToFilter, filterGradientName);
#endif
