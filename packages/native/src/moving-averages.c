/* Moving averages of many tensors: average + (value - average) · share. */
#include "processor.h"
#include "slots.h"
#include <stdlib.h>

/* Of each tensor: */
enum { CURRENT, AVERAGE, AVERAGE_INPUTS };
enum { NEW_AVERAGE = AVERAGE_INPUTS, AVERAGE_TENSORS };

typedef struct AveragesRun {
  float share;
  Slots slots;
} AveragesRun;

FOR_ALL_PROCESSORS
static void move(float share, size_t count, const float *restrict value, const float *restrict average,
                 float *restrict next) {
  for (size_t i = 0; i < count; i++) next[i] = average[i] + (value[i] - average[i]) * share;
}

static void movePart(void *data, size_t number) {
  const AveragesRun *run = data;
  const Part part = partOf(&run->slots, number);
  float *const *of = run->slots.tensors + part.slot * AVERAGE_TENSORS;
  move(run->share, part.count, of[CURRENT] + part.from, of[AVERAGE] + part.from, of[NEW_AVERAGE] + part.from);
}

static Status moveAverages(void *kernel, void *context) {
  (void)kernel;
  AveragesRun run;
  Status status = openSlots(context, 1, AVERAGE_INPUTS, AVERAGE_TENSORS - AVERAGE_INPUTS, &run.slots);
  if (!status) status = numbersOf(context, 1, &run.share);
  if (!status) status = statusOf(runParts(context, movePart, run.slots.parts, &run));
  closeSlots(&run.slots);
  return status;
}

static const char *averagesName(const Operator *op) { (void)op; return "MovingAverages"; }

const Operator movingAveragesOperator = {
    OPERATOR_FIELDS(createNothing, moveAverages, averagesName, one, isVariadic, one, isVariadic),
    .KernelDestroy = free,
    VARIADIC_FIELDS,
};
