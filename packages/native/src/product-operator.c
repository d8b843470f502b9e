/* Product(left, right, bias?) as an operator; a kernel is its extents. */
#include "interface.h"
#include "product.h"
#include <stdlib.h>

typedef struct Kernel {
  Extents extents;
  Shape shape;
} Kernel;

static Status createProduct(const Operator *op, const void *unused, const void *info, void **made) {
  (void)op, (void)unused;
  int64_t n[6];
  size_t count = sizeof n / sizeof *n;
  Kernel *kernel = malloc(sizeof(Kernel));
  *made = kernel;
  if (!kernel) return failure(noMemory);
  Status status = FUNCTION(KernelInfoGetAttributeArray_int64, const void *, const char *, int64_t *, size_t *)(
      info, "extents", n, &count);
  if (!status) status = shapeOf(info, &kernel->shape);
  if (status) return status;
  kernel->extents = (Extents){(size_t)n[0], (size_t)n[1], (size_t)n[2], (size_t)n[3], n[4] != 0, n[5] != 0};
  return NULL;
}

static Status computeProduct(void *made, void *context) {
  const Kernel *kernel = made;
  float *inputs[3], *out;
  Status status = inputsOf(context, inputs);
  if (!status) status = outputOf(context, 0, kernel->shape.extents, kernel->shape.rank, &out);
  if (status) return status;
  const Workers workers = {runParts, context};
  return statusOf(multiply(&workers, &kernel->extents, inputs[0], inputs[1], inputs[2], out));
}

static const char *productName(const Operator *op) { (void)op; return "Product"; }

const Operator productOperator = {
    OPERATOR_FIELDS(createProduct, computeProduct, productName, three, mayLackThird, one, isRequired),
    .KernelDestroy = free,
};
