/* Adam: Kingma and Ba 2015, arXiv:1412.6980, in the operations and the order of TensorFlow.js */
#include "interface.h"
#include "processor.h"
#include <math.h>
#include <stdlib.h>

typedef struct Adam {
  float beta1, oneMinusBeta1, beta2, oneMinusBeta2, epsilon;
} Adam;

enum { ONE_MINUS_POWER1, ONE_MINUS_POWER2, MINUS_RATE, VALUE, FIRST, SECOND, GRADIENT, ADAM_INPUTS };
enum { NEW_VALUE, NEW_FIRST, NEW_SECOND, ADAM_OUTPUTS };

typedef struct AdamRun {
  Adam adam;
  float oneMinusPower1, oneMinusPower2, minusRate;
  const float *value, *first, *second, *gradient;
  float *newValue, *newFirst, *newSecond;
  size_t size;
} AdamRun;

/* Elements that one thread takes at a time. */
enum { PART = 16384 };

/* Compilers take several elements at once where parameters, and not variables of a function, are said to be apart. */
FOR_ALL_PROCESSORS
static void update(const AdamRun *of, size_t count, const float *restrict value, const float *restrict first,
                   const float *restrict second, const float *restrict gradient, float *restrict newValue,
                   float *restrict newFirst, float *restrict newSecond) {
  const AdamRun run = *of;
  const Adam adam = run.adam;
  for (size_t i = 0; i < count; i++) {
    const float g = gradient[i];
    const float m = first[i] * adam.beta1 + g * adam.oneMinusBeta1;
    const float v = second[i] * adam.beta2 + (g * g) * adam.oneMinusBeta2;
    const float step = (m / run.oneMinusPower1) / (sqrtf(v / run.oneMinusPower2) + adam.epsilon);
    newFirst[i] = m;
    newSecond[i] = v;
    newValue[i] = step * run.minusRate + value[i];
  }
}

static void updatePart(void *data, size_t part) {
  const AdamRun *run = data;
  const size_t from = part * PART;
  const size_t rest = run->size - from;
  update(run, rest < PART ? rest : PART, run->value + from, run->first + from, run->second + from, run->gradient + from,
         run->newValue + from, run->newFirst + from, run->newSecond + from);
}

static Status updateAdam(void *kernel, void *context) {
  enum { MOST_ADAM_AXES = 16 };
  const void *values[ADAM_INPUTS];
  float *inputs[ADAM_INPUTS], *outputs[ADAM_OUTPUTS];
  void *shape = NULL;
  size_t rank = 0, size = 0;
  int64_t extents[MOST_ADAM_AXES];
  Status status = NULL;
  for (size_t i = 0; i < ADAM_INPUTS && !status; i++) status = inputOf(context, i, &values[i], &inputs[i]);
  if (!status) status = FUNCTION(GetTensorTypeAndShape, const void *, void **)(values[VALUE], &shape);
  if (!status) status = FUNCTION(GetDimensionsCount, const void *, size_t *)(shape, &rank);
  if (!status) status = FUNCTION(GetDimensions, const void *, int64_t *, size_t)(shape, extents, rank);
  if (!status) status = FUNCTION(GetTensorShapeElementCount, const void *, size_t *)(shape, &size);
  if (shape) FUNCTION(ReleaseTensorTypeAndShapeInfo, void *)(shape);
  for (size_t i = 0; i < ADAM_OUTPUTS && !status; i++) {
    status = outputOf(context, i, extents, rank, &outputs[i]);
  }
  if (status) return status;
  AdamRun run = {
      *(const Adam *)kernel,   *inputs[ONE_MINUS_POWER1], *inputs[ONE_MINUS_POWER2], *inputs[MINUS_RATE],
      inputs[VALUE],           inputs[FIRST],             inputs[SECOND],            inputs[GRADIENT],
      outputs[NEW_VALUE],      outputs[NEW_FIRST],        outputs[NEW_SECOND],       size,
  };
  const size_t parts = (size + PART - 1) / PART;
  if (parts > 1) {
    return FUNCTION(KernelContext_ParallelFor, void *, void (*)(void *, size_t), size_t, size_t, void *)(
        context, updatePart, parts, (size_t)0, &run);
  }
  if (parts == 1) updatePart(&run, 0);
  return NULL;
}

/* A kernel is the attributes of its node. */
static Status createAdam(const Operator *op, const void *unused, const void *info, void **kernel) {
  (void)op, (void)unused;
  Adam *adam = malloc(sizeof(Adam));
  *kernel = adam;
  if (!adam) return failure("no memory");
  const struct { const char *name; float *value; } attributes[] = {
      {"beta1", &adam->beta1},
      {"one_minus_beta1", &adam->oneMinusBeta1},
      {"beta2", &adam->beta2},
      {"one_minus_beta2", &adam->oneMinusBeta2},
      {"epsilon", &adam->epsilon},
  };
  Status status = NULL;
  for (size_t i = 0; i < sizeof attributes / sizeof *attributes && !status; i++) {
    status = FUNCTION(KernelInfoGetAttribute_float, const void *, const char *, float *)(
        info, attributes[i].name, attributes[i].value);
  }
  return status;
}

static const char *adamName(const Operator *op) { (void)op; return "Adam"; }
static size_t adamInputs(const Operator *op) { (void)op; return ADAM_INPUTS; }
static size_t adamOutputs(const Operator *op) { (void)op; return ADAM_OUTPUTS; }

const Operator adamOperator = {
    OPERATOR_FIELDS(createAdam, updateAdam, adamName, adamInputs, isRequired, adamOutputs, isRequired),
    .KernelDestroy = free,
};
