/* Elementwise(inputs…) as an operator: its attributes are a program. */
#include "elementwise.h"
#include "interface.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_INPUTS = 128, MOST_OUTPUTS = 128, INSTRUCTION_NUMBERS = 5 };

static void freeProgram(void *kernel) {
  Program *program = kernel;
  if (!program) return;
  free((void *)program->strides);
  free((void *)program->code);
  free(program);
}

static Status createElementwise(const Operator *op, const void *unused, const void *info, void **kernel) {
  (void)op, (void)unused;
  Program *p = calloc(1, sizeof(Program));
  *kernel = p;
  if (!p) return failure(noMemory);
  enum { SHAPE, EXTENTS, STRIDES, CODE, REGISTERS, ATTRIBUTES };
  const char *const names[ATTRIBUTES] = {"shape", "extents", "strides", "code", "registers"};
  int64_t *numbers[ATTRIBUTES] = {0};
  size_t counts[ATTRIBUTES] = {0};
  Status status = NULL;
  for (size_t i = 0; i < ATTRIBUTES && !status; i++) status = integersOf(info, names[i], &numbers[i], &counts[i]);
  const size_t instructions = counts[CODE] / INSTRUCTION_NUMBERS;
  Instruction *code = malloc((instructions + 1) * sizeof(Instruction));
  size_t *strides = malloc((counts[STRIDES] + 1) * sizeof(size_t));
  float *constants = malloc((instructions + 1) * sizeof(float));
  p->code = code;
  p->strides = strides;
  if (!status && (!code || !strides || !constants)) status = failure(noMemory);
  size_t count = instructions;
  if (!status) {
    status = FUNCTION(KernelInfoGetAttributeArray_float, const void *, const char *, float *, size_t *)(
        info, "constants", constants, &count);
  }
  if (!status && (counts[SHAPE] > MOST_PROGRAM_AXES || counts[EXTENTS] > MOST_PROGRAM_AXES || counts[REGISTERS] != 3)) {
    status = failure("a program for elements of another kind");
  }
  if (!status) {
    p->rank = counts[SHAPE];
    p->axes = counts[EXTENTS];
    p->inputs = (size_t)numbers[REGISTERS][0];
    p->temporaries = (size_t)numbers[REGISTERS][1];
    p->outputs = (size_t)numbers[REGISTERS][2];
    p->instructions = instructions;
    memcpy(p->shape, numbers[SHAPE], counts[SHAPE] * sizeof(int64_t));
    for (size_t i = 0; i < counts[EXTENTS]; i++) p->extents[i] = (size_t)numbers[EXTENTS][i];
    for (size_t i = 0; i < counts[STRIDES]; i++) strides[i] = (size_t)numbers[STRIDES][i];
    for (size_t i = 0; i < instructions; i++) {
      const int64_t *n = numbers[CODE] + i * INSTRUCTION_NUMBERS;
      code[i] = (Instruction){(int32_t)n[0], (int32_t)n[1], (int32_t)n[2], (int32_t)n[3], (int32_t)n[4], constants[i]};
    }
    if (p->inputs > MOST_INPUTS || p->outputs > MOST_OUTPUTS) status = failure("a program of too many inputs or outputs");
  }
  for (size_t i = 0; i < ATTRIBUTES; i++) free(numbers[i]);
  free(constants);
  return status;
}

static Status computeElementwise(void *kernel, void *context) {
  const Program *p = kernel;
  float *inputs[MOST_INPUTS], *outputs[MOST_OUTPUTS];
  const void *value;
  Status status = NULL;
  for (size_t i = 0; i < p->inputs && !status; i++) status = inputOf(context, i, &value, &inputs[i]);
  for (size_t i = 0; i < p->outputs && !status; i++) status = outputOf(context, i, p->shape, p->rank, &outputs[i]);
  const Workers workers = {runParts, context};
  return status ? status : statusOf(runProgram(&workers, p, (const float *const *)inputs, outputs));
}

static const char *elementwiseName(const Operator *op) { (void)op; return "Elementwise"; }

const Operator elementwiseOperator = {
    OPERATOR_FIELDS(createElementwise, computeElementwise, elementwiseName, one, isVariadic, one, isVariadic),
    .KernelDestroy = freeProgram,
    VARIADIC_FIELDS,
};
