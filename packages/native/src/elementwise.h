/* Many operations on elements in one pass over memory: a program that is run for a few hundred elements at a time. */
#ifndef ELEMENTWISE_H
#define ELEMENTWISE_H
#include "convolution.h"
#include <stdint.h>

/* As in fusion.ts. Truth values are 0 and 1. */
typedef enum Operation {
  ADD, SUBTRACT, MULTIPLY, DIVIDE, MINIMUM, MAXIMUM, GREATER, GREATER_OR_EQUAL, LESS, LESS_OR_EQUAL, EQUAL, AND, OR,
  NEGATE, ABSOLUTE, SQUARE_ROOT, RECIPROCAL, RELU, NOT, COPY, LEAKY_RELU, WHERE
} Operation;

/* Registers: first the inputs, then temporary ones, then the outputs. */
typedef struct Instruction {
  int32_t operation, to, a, b, c;
  float number;
} Instruction;

enum { MOST_PROGRAM_AXES = 8 };

typedef struct Program {
  size_t rank, axes, inputs, outputs, temporaries, instructions;
  /* Of the outputs; the same with neighbouring axes joined; and of each input, how far its elements are apart along those. */
  int64_t shape[MOST_PROGRAM_AXES];
  size_t extents[MOST_PROGRAM_AXES];
  const size_t *strides;
  const Instruction *code;
} Program;

const void *runProgram(const Workers *, const Program *, const float *const *inputs, float *const *outputs);
#endif
