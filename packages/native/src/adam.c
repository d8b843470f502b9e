/*
 * Adam: Kingma and Ba 2015, arXiv:1412.6980, in the operations and the order of TensorFlow.js, for many variables at once.
 * Gradients are multiplied by a common factor first; a share of a variable is added to its step (decoupled decay:
 * Loshchilov and Hutter 2019, arXiv:1711.05101).
 */
#include "processor.h"
#include "slots.h"
#include <math.h>
#include <stdlib.h>

typedef struct Adam {
  float beta1, oneMinusBeta1, beta2, oneMinusBeta2, epsilon;
  /* Of each variable, the share of it that goes per step, times its rate; and the factor of its rate. */
  const float *decays, *factors;
} Adam;

enum { ONE_MINUS_POWER1, ONE_MINUS_POWER2, MINUS_RATE, GRADIENT_FACTOR, ADAM_NUMBERS };
/* Of each variable: */
enum { VALUE, FIRST, SECOND, GRADIENT, ADAM_INPUTS };
enum { NEW_VALUE = ADAM_INPUTS, NEW_FIRST, NEW_SECOND, ADAM_TENSORS };

typedef struct AdamRun {
  const Adam *adam;
  float numbers[ADAM_NUMBERS];
  Slots variables;
} AdamRun;

/* Compilers take several elements at once where parameters, and not variables of a function, are said to be apart. */
FOR_ALL_PROCESSORS
static void update(const Adam *of, const float *numbers, float decay, float minusRate, size_t count, const float *restrict value,
                   const float *restrict first, const float *restrict second, const float *restrict gradient,
                   float *restrict newValue, float *restrict newFirst, float *restrict newSecond) {
  const Adam adam = *of;
  const float oneMinusPower1 = numbers[ONE_MINUS_POWER1], oneMinusPower2 = numbers[ONE_MINUS_POWER2];
  const float factor = numbers[GRADIENT_FACTOR];
  for (size_t i = 0; i < count; i++) {
    const float g = gradient[i] * factor;
    const float m = first[i] * adam.beta1 + g * adam.oneMinusBeta1;
    const float v = second[i] * adam.beta2 + (g * g) * adam.oneMinusBeta2;
    const float step = (m / oneMinusPower1) / (sqrtf(v / oneMinusPower2) + adam.epsilon);
    newFirst[i] = m;
    newSecond[i] = v;
    newValue[i] = (decay == 0 ? step : step + value[i] * decay) * minusRate + value[i];
  }
}

static void updatePart(void *data, size_t number) {
  const AdamRun *run = data;
  const Part part = partOf(&run->variables, number);
  float *const *of = run->variables.tensors + part.slot * ADAM_TENSORS;
  float *at[ADAM_TENSORS];
  for (size_t i = 0; i < ADAM_TENSORS; i++) at[i] = of[i] + part.from;
  update(run->adam, run->numbers, run->adam->decays[part.slot],
         run->numbers[MINUS_RATE] * run->adam->factors[part.slot], part.count, at[VALUE], at[FIRST], at[SECOND], at[GRADIENT],
         at[NEW_VALUE], at[NEW_FIRST], at[NEW_SECOND]);
}

static Status updateAdam(void *kernel, void *context) {
  AdamRun run = {.adam = kernel};
  Status status = openSlots(context, ADAM_NUMBERS, ADAM_INPUTS, ADAM_TENSORS - ADAM_INPUTS, &run.variables);
  if (!status) status = numbersOf(context, ADAM_NUMBERS, run.numbers);
  if (!status) status = statusOf(runParts(context, updatePart, run.variables.parts, &run));
  closeSlots(&run.variables);
  return status;
}

static void freeAdam(void *kernel) {
  Adam *adam = kernel;
  if (!adam) return;
  free((void *)adam->decays);
  free((void *)adam->factors);
  free(adam);
}

static Status floatsOf(const void *info, const char *name, const float **floats) {
  size_t count = 0;
  Status status = FUNCTION(KernelInfoGetAttributeArray_float, const void *, const char *, float *, size_t *)(
      info, name, NULL, &count);
  float *numbers = status ? NULL : malloc(count * sizeof(float) + 1);
  *floats = numbers;
  if (status) return status;
  if (!numbers) return failure(noMemory);
  return FUNCTION(KernelInfoGetAttributeArray_float, const void *, const char *, float *, size_t *)(
      info, name, numbers, &count);
}

/* A kernel is the attributes of its node. */
static Status createAdam(const Operator *op, const void *unused, const void *info, void **kernel) {
  (void)op, (void)unused;
  Adam *adam = calloc(1, sizeof(Adam));
  *kernel = adam;
  if (!adam) return failure(noMemory);
  const struct { const char *name; float *value; } attributes[] = {
      {"beta1", &adam->beta1},
      {"one_minus_beta1", &adam->oneMinusBeta1},
      {"beta2", &adam->beta2},
      {"one_minus_beta2", &adam->oneMinusBeta2},
      {"epsilon", &adam->epsilon},
  };
  Status status = floatsOf(info, "decays", &adam->decays);
  if (!status) status = floatsOf(info, "factors", &adam->factors);
  for (size_t i = 0; i < sizeof attributes / sizeof *attributes && !status; i++) {
    status = FUNCTION(KernelInfoGetAttribute_float, const void *, const char *, float *)(
        info, attributes[i].name, attributes[i].value);
  }
  return status;
}

static const char *adamName(const Operator *op) { (void)op; return "Adam"; }

const Operator adamOperator = {
    OPERATOR_FIELDS(createAdam, updateAdam, adamName, one, isVariadic, one, isVariadic),
    .KernelDestroy = freeAdam,
    VARIADIC_FIELDS,
};
