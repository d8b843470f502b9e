/* Softmax(x) along the last axis as an operator; a kernel is its shape. */
#include "interface.h"
#include "softmax.h"
#include <stdlib.h>

enum { MOST_AXES = 8 };
typedef struct Shape {
  int64_t extents[MOST_AXES];
  size_t rank;
} Shape;

static Status createSoftmax(const Operator *op, const void *unused, const void *info, void **kernel) {
  (void)op, (void)unused;
  Shape *shape = malloc(sizeof(Shape));
  *kernel = shape;
  if (!shape) return failure(noMemory);
  shape->rank = MOST_AXES;
  return FUNCTION(KernelInfoGetAttributeArray_int64, const void *, const char *, int64_t *, size_t *)(
      info, "shape", shape->extents, &shape->rank);
}

static Status computeSoftmax(void *kernel, void *context) {
  const Shape *shape = kernel;
  const void *value;
  float *x, *y;
  Status status = inputOf(context, 0, &value, &x);
  if (!status) status = outputOf(context, 0, shape->extents, shape->rank, &y);
  if (status) return status;
  size_t rows = 1;
  for (size_t axis = 0; axis + 1 < shape->rank; axis++) rows *= (size_t)shape->extents[axis];
  const Workers workers = {runParts, context};
  return statusOf(softmax(&workers, rows, (size_t)shape->extents[shape->rank - 1], x, y));
}

static const char *softmaxName(const Operator *op) { (void)op; return "Softmax"; }
static size_t one(const Operator *op) { (void)op; return 1; }

const Operator softmaxOperator = {
    OPERATOR_FIELDS(createSoftmax, computeSoftmax, softmaxName, one, isRequired, one, isRequired),
    .KernelDestroy = free,
};
