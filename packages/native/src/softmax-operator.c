/* Softmax(x) along the last axis as an operator; a kernel is its shape. */
#include "interface.h"
#include "softmax.h"
#include <stdlib.h>

static Status createSoftmax(const Operator *op, const void *unused, const void *info, void **kernel) {
  (void)op, (void)unused;
  Shape *shape = malloc(sizeof(Shape));
  *kernel = shape;
  if (!shape) return failure(noMemory);
  return shapeOf(info, shape);
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

const Operator softmaxOperator = {
    OPERATOR_FIELDS(createSoftmax, computeSoftmax, softmaxName, one, isRequired, one, isRequired),
    .KernelDestroy = free,
};
