/*
 * ONNX Runtime's C interface, as far as the operators need it. PLACE_… are the places of its functions in their table;
 * the engine compares the version before it loads this library.
 */
#ifndef INTERFACE_H
#define INTERFACE_H
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef void *Status;
typedef void *Function;
typedef struct ApiBase {
  const Function *(*GetApi)(uint32_t version);
  const char *(*GetVersionString)(void);
} ApiBase;

/* Its functions; set when the operators are registered. */
extern const Function *api;

#define FUNCTION(name, ...) ((Status(*)(__VA_ARGS__))api[PLACE_##name])

/* struct OrtCustomOp of interface version 17. */
enum { INTERFACE = 17 };
typedef struct Operator {
  uint32_t version;
  void *(*CreateKernel)(const struct Operator *, const void *api, const void *info);
  const char *(*GetName)(const struct Operator *);
  const char *(*GetExecutionProviderType)(const struct Operator *);
  int (*GetInputType)(const struct Operator *, size_t);
  size_t (*GetInputTypeCount)(const struct Operator *);
  int (*GetOutputType)(const struct Operator *, size_t);
  size_t (*GetOutputTypeCount)(const struct Operator *);
  void (*KernelCompute)(void *kernel, void *context);
  void (*KernelDestroy)(void *kernel);
  int (*GetInputCharacteristic)(const struct Operator *, size_t);
  int (*GetOutputCharacteristic)(const struct Operator *, size_t);
  int (*GetInputMemoryType)(const struct Operator *, size_t);
  int (*GetVariadicInputMinArity)(const struct Operator *);
  int (*GetVariadicInputHomogeneity)(const struct Operator *);
  int (*GetVariadicOutputMinArity)(const struct Operator *);
  int (*GetVariadicOutputHomogeneity)(const struct Operator *);
  Status (*CreateKernelV2)(const struct Operator *, const void *api, const void *info, void **kernel);
  Status (*KernelComputeV2)(void *kernel, void *context);
  Status (*InferOutputShape)(const struct Operator *, void *context);
  int (*GetStartVersion)(const struct Operator *);
  int (*GetEndVersion)(const struct Operator *);
  Function later[4];
} Operator;

enum { FLOAT = 1, OPTIONAL = 1, VARIADIC = 2 };
static inline int isFloat(const Operator *op, size_t i) { (void)op, (void)i; return FLOAT; }
static inline int isRequired(const Operator *op, size_t i) { (void)op, (void)i; return 0; }
static inline int isOne(const Operator *op) { (void)op; return 1; }
static inline const char *onProcessors(const Operator *op) { (void)op; return NULL; }

static inline Status inputOf(void *context, size_t i, const void **value, float **data) {
  Status status = FUNCTION(KernelContext_GetInput, void *, size_t, const void **)(context, i, value);
  return status ? status : FUNCTION(GetTensorMutableData, const void *, float **)(*value, data);
}

/* Up to three; those that are not there are NULL. */
static inline Status inputsOf(void *context, float *inputs[3]) {
  const void *value;
  size_t count;
  inputs[0] = inputs[1] = inputs[2] = NULL;
  Status status = FUNCTION(KernelContext_GetInputCount, void *, size_t *)(context, &count);
  for (size_t i = 0; i < count && !status; i++) status = inputOf(context, i, &value, &inputs[i]);
  return status;
}

/* An output of this shape. */
static inline Status outputOf(void *context, size_t i, const int64_t *extents, size_t rank, float **data) {
  void *output = NULL;
  Status status = FUNCTION(KernelContext_GetOutput, void *, size_t, const int64_t *, size_t, void **)(
      context, i, extents, rank, &output);
  return status ? status : FUNCTION(GetTensorMutableData, void *, float **)(output, data);
}

/* Of a tensor, as an attribute of a node. */
enum { MOST_AXES = 8 };
typedef struct Shape {
  int64_t extents[MOST_AXES];
  size_t rank;
} Shape;

static inline Status shapeOf(const void *info, Shape *shape) {
  shape->rank = MOST_AXES;
  return FUNCTION(KernelInfoGetAttributeArray_int64, const void *, const char *, int64_t *, size_t *)(
      info, "shape", shape->extents, &shape->rank);
}

static inline int isVariadic(const Operator *op, size_t i) { (void)op, (void)i; return VARIADIC; }
/* How many inputs or outputs. */
static inline size_t one(const Operator *op) { (void)op; return 1; }
static inline size_t three(const Operator *op) { (void)op; return 3; }
static inline int mayLackThird(const Operator *op, size_t i) { (void)op; return i == 2 ? OPTIONAL : 0; }

#define VARIADIC_FIELDS                                                          \
  .GetVariadicInputMinArity = isOne, .GetVariadicInputHomogeneity = isOne,      \
  .GetVariadicOutputMinArity = isOne, .GetVariadicOutputHomogeneity = isOne

static inline Status failure(const char *message) {
  enum { FAIL = 1 };
  return FUNCTION(CreateStatus, int, const char *)(FAIL, message);
}

/* The numbers of an attribute in memory of its own, and how many. */
static inline Status integersOf(const void *info, const char *name, int64_t **numbers, size_t *count) {
  *numbers = NULL;
  *count = 0;
  Status status = FUNCTION(KernelInfoGetAttributeArray_int64, const void *, const char *, int64_t *, size_t *)(
      info, name, NULL, count);
  if (status) return status;
  *numbers = malloc(*count * sizeof(int64_t) + 1);
  if (!*numbers) return failure("no memory");
  return FUNCTION(KernelInfoGetAttributeArray_int64, const void *, const char *, int64_t *, size_t *)(
      info, name, *numbers, count);
}

/* What all operators here have in common. */
#define OPERATOR_FIELDS(...) OPERATOR_FIELDS_ON(onProcessors, __VA_ARGS__)
#define OPERATOR_FIELDS_ON(provider, create, compute, nameOf, inputs, inputKind, outputs, outputKind)        \
  .version = INTERFACE, .GetName = nameOf, .GetExecutionProviderType = provider, .GetInputType = isFloat,    \
  .GetInputTypeCount = inputs, .GetOutputType = isFloat, .GetOutputTypeCount = outputs,                      \
  .GetInputCharacteristic = inputKind, .GetOutputCharacteristic = outputKind, .GetInputMemoryType = isRequired, \
  .CreateKernelV2 = create, .KernelComputeV2 = compute, .GetStartVersion = isOne, .GetEndVersion = isOne

/* Adds operators, in a domain that is made once and kept in `domain`, to the options of a session. */
Status addOperators(void *options, void **domain, const Operator *const *operators, size_t count);

/* For the calculations, which know nothing of ONNX Runtime. */
const void *runParts(void *context, void (*part)(void *, size_t), size_t count, void *data);
Status statusOf(const void *problem);

extern const Operator adamOperator, sumOfSquaresOperator, movingAveragesOperator, convolutionOperator, inputGradientOperator, filterGradientOperator, elementwiseOperator,
    softmaxOperator, maximaOperator, sumsOperator, maximaGradientOperator, productOperator;
#endif
