/* The sum of the squares of all elements of many tensors, in 64 bits; the same on any number of threads. */
#include "processor.h"
#include "slots.h"
#include <stdlib.h>

typedef struct SumRun {
  Slots tensors;
  /* One for each part. */
  double *sums;
} SumRun;

FOR_ALL_PROCESSORS
static double sumOfSquares(const float *x, size_t count) {
  enum { LANES = 32 };
  double lanes[LANES] = {0}, sum = 0;
  const size_t whole = count / LANES * LANES;
  for (size_t i = 0; i < whole; i += LANES)
    for (size_t lane = 0; lane < LANES; lane++) lanes[lane] += (double)x[i + lane] * (double)x[i + lane];
  for (size_t i = whole; i < count; i++) lanes[i - whole] += (double)x[i] * (double)x[i];
  for (size_t lane = 0; lane < LANES; lane++) sum += lanes[lane];
  return sum;
}

static void sumPart(void *data, size_t number) {
  const SumRun *run = data;
  const Part part = partOf(&run->tensors, number);
  run->sums[number] = sumOfSquares(run->tensors.tensors[part.slot] + part.from, part.count);
}

static Status computeSum(void *kernel, void *context) {
  (void)kernel;
  float *result = NULL;
  double sum = 0;
  SumRun run;
  Status status = openSlots(context, 0, 1, 0, &run.tensors);
  run.sums = malloc(run.tensors.parts * sizeof(double) + 1);
  if (!status && !run.sums) status = failure(noMemory);
  if (!status) status = outputOf(context, 0, NULL, 0, &result);
  if (!status) status = statusOf(runParts(context, sumPart, run.tensors.parts, &run));
  if (!status) {
    for (size_t i = 0; i < run.tensors.parts; i++) sum += run.sums[i];
    *result = (float)sum;
  }
  free(run.sums);
  closeSlots(&run.tensors);
  return status;
}

static const char *sumName(const Operator *op) { (void)op; return "SumOfSquares"; }

const Operator sumOfSquaresOperator = {
    OPERATOR_FIELDS(createNothing, computeSum, sumName, one, isVariadic, one, isRequired),
    .KernelDestroy = free,
    VARIADIC_FIELDS,
};
