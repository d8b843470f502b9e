#include "slots.h"
#include "sizes.h"
#include <stdlib.h>

enum { MOST_SLOT_AXES = 16 };
typedef struct Extents {
  int64_t extents[MOST_SLOT_AXES];
  size_t rank, size;
} Extents;

static Status extentsOf(const void *value, Extents *of) {
  void *shape = NULL;
  Status status = FUNCTION(GetTensorTypeAndShape, const void *, void **)(value, &shape);
  if (!status) status = FUNCTION(GetDimensionsCount, const void *, size_t *)(shape, &of->rank);
  if (!status && of->rank > MOST_SLOT_AXES) status = failure("a tensor of too many axes");
  if (!status) status = FUNCTION(GetDimensions, const void *, int64_t *, size_t)(shape, of->extents, of->rank);
  if (!status) status = FUNCTION(GetTensorShapeElementCount, const void *, size_t *)(shape, &of->size);
  if (shape) FUNCTION(ReleaseTensorTypeAndShapeInfo, void *)(shape);
  return status;
}

Status openSlots(void *context, size_t first, size_t inputs, size_t outputs, Slots *slots) {
  size_t given = 0;
  const size_t tensors = inputs + outputs;
  *slots = (Slots){0};
  Status status = FUNCTION(KernelContext_GetInputCount, const void *, size_t *)(context, &given);
  if (status) return status;
  slots->count = (given - first) / inputs;
  slots->tensors = malloc(slots->count * (tensors * sizeof(float *) + 2 * sizeof(size_t)) + 1);
  if (!slots->tensors) return failure(noMemory);
  slots->sizes = (size_t *)(slots->tensors + slots->count * tensors);
  slots->ends = slots->sizes + slots->count;
  for (size_t i = 0; i < slots->count && !status; i++) {
    float **of = slots->tensors + i * tensors;
    const void *value = NULL;
    Extents extents;
    for (size_t j = 0; j < inputs && !status; j++) status = inputOf(context, first + i * inputs + j, &value, &of[j]);
    if (!status) status = extentsOf(value, &extents);
    for (size_t j = 0; j < outputs && !status; j++) {
      status = outputOf(context, i * outputs + j, extents.extents, extents.rank, &of[inputs + j]);
    }
    if (status) break;
    slots->sizes[i] = extents.size;
    slots->ends[i] = slots->parts += ceiling(extents.size, PART);
  }
  return status;
}

void closeSlots(Slots *slots) { free(slots->tensors); }

Part partOf(const Slots *slots, size_t number) {
  size_t slot = 0;
  while (slots->ends[slot] <= number) slot++;
  const size_t from = (number - (slot ? slots->ends[slot - 1] : 0)) * PART;
  return (Part){slot, from, least(PART, slots->sizes[slot] - from)};
}

Status numbersOf(void *context, size_t count, float *numbers) {
  Status status = NULL;
  for (size_t i = 0; i < count && !status; i++) {
    const void *value;
    float *number = NULL;
    status = inputOf(context, i, &value, &number);
    if (!status) numbers[i] = *number;
  }
  return status;
}

Status createNothing(const Operator *op, const void *unused, const void *info, void **kernel) {
  (void)op, (void)unused, (void)info;
  *kernel = NULL;
  return NULL;
}
