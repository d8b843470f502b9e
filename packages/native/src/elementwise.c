#include "elementwise.h"
#include "processor.h"
#include "scratch.h"
#include "sizes.h"
#include <math.h>
#include <string.h>

enum {
  /* Elements of a register: all registers of a program stay near. */
  BLOCK = 512,
  /* Elements times instructions for which a thread is worth it. */
  MUCH_WORK = 64 * 1024
};

typedef struct Run {
  const Program *program;
  const float *const *inputs;
  float *const *outputs;
  /* Along the last axis; blocks are whole rows of it, or parts of one. */
  size_t row, rows, blocksPerRow, rowsPerBlock, blocks, blocksPerPart;
  const char *problem;
} Run;

FOR_ALL_PROCESSORS
static void runCode(const Program *p, float *const *registers, size_t count) {
  for (size_t i = 0; i < p->instructions; i++) {
    const Instruction in = p->code[i];
    float *restrict to = registers[in.to];
    const float *a = registers[in.a], *b = registers[in.b], *c = registers[in.c];
    switch ((Operation)in.operation) {
#define EACH(value)                                   \
  for (size_t k = 0; k < count; k++) to[k] = (value); \
  break
      case ADD: EACH(a[k] + b[k]);
      case SUBTRACT: EACH(a[k] - b[k]);
      case MULTIPLY: EACH(a[k] * b[k]);
      case DIVIDE: EACH(a[k] / b[k]);
      /* A comparison with what is not a number is false; the sum then is not a number either. */
      case MINIMUM: EACH(a[k] < b[k] ? a[k] : b[k] <= a[k] ? b[k] : a[k] + b[k]);
      case MAXIMUM: EACH(a[k] > b[k] ? a[k] : b[k] >= a[k] ? b[k] : a[k] + b[k]);
      case GREATER: EACH(a[k] > b[k] ? 1.0f : 0.0f);
      case GREATER_OR_EQUAL: EACH(a[k] >= b[k] ? 1.0f : 0.0f);
      case LESS: EACH(a[k] < b[k] ? 1.0f : 0.0f);
      case LESS_OR_EQUAL: EACH(a[k] <= b[k] ? 1.0f : 0.0f);
      case EQUAL: EACH(a[k] == b[k] ? 1.0f : 0.0f);
      case AND: EACH(a[k] * b[k]);
      case OR: EACH(a[k] > b[k] ? a[k] : b[k]);
      case NEGATE: EACH(-a[k]);
      case ABSOLUTE: EACH(fabsf(a[k]));
      case SQUARE_ROOT: EACH(sqrtf(a[k]));
      case RECIPROCAL: EACH(1.0f / a[k]);
      case RELU: EACH(a[k] < 0 ? 0.0f : a[k]);
      case NOT: EACH(1.0f - a[k]);
      case COPY: EACH(a[k]);
      case LEAKY_RELU: EACH(a[k] >= 0 ? a[k] : in.number * a[k]);
      case WHERE: EACH(a[k] != 0 ? b[k] : c[k]);
#undef EACH
    }
  }
}

/* Where row `row` of an input begins. */
static size_t offsetOf(const Program *p, const size_t *strides, size_t row) {
  size_t offset = 0;
  for (size_t axis = p->axes - 1; axis-- > 0; row /= p->extents[axis]) offset += row % p->extents[axis] * strides[axis];
  return offset;
}

static void repeat(float value, size_t count, float *to) {
  for (size_t i = 0; i < count; i++) to[i] = value;
}

typedef enum Kind { WHOLE, CONSTANT, SAME_ROW, SOME_ROWS } Kind;

static Kind kindOf(const Program *p, const size_t *strides) {
  int isWhole = 1, isSame = 1;
  for (size_t axis = p->axes, extent = 1; axis-- > 0; extent *= p->extents[axis]) {
    isWhole &= strides[axis] == extent;
    if (axis + 1 < p->axes) isSame &= strides[axis] == 0;
  }
  if (isWhole) return WHOLE;
  if (!isSame) return SOME_ROWS;
  return strides[p->axes - 1] ? SAME_ROW : CONSTANT;
}

static void runPart(void *data, size_t part) {
  Run *run = data;
  const Program *p = run->program;
  const size_t registers = p->inputs + p->temporaries + p->outputs;
  enum { MOST_REGISTERS = 512 };
  float *at[MOST_REGISTERS];
  Kind kinds[MOST_REGISTERS];
  float *memory = scratch(BLOCKS, (p->inputs + p->temporaries) * BLOCK);
  if (!memory || registers > MOST_REGISTERS) {
    run->problem = noMemory;
    return;
  }
  const size_t inner = p->axes - 1, row = run->row;
  for (size_t i = 0; i < p->inputs + p->temporaries; i++) at[i] = memory + i * BLOCK;
  for (size_t i = 0; i < p->inputs; i++) {
    kinds[i] = kindOf(p, p->strides + i * p->axes);
    if (kinds[i] == CONSTANT) repeat(*run->inputs[i], BLOCK, at[i]);
    if (kinds[i] == SAME_ROW && run->rowsPerBlock > 1) {
      for (size_t r = 0; r < run->rowsPerBlock; r++) memcpy(at[i] + r * row, run->inputs[i], row * sizeof(float));
    }
  }
  const size_t end = least((part + 1) * run->blocksPerPart, run->blocks);
  for (size_t block = part * run->blocksPerPart; block < end; block++) {
    const size_t firstRow = block / run->blocksPerRow * run->rowsPerBlock;
    const size_t column = block % run->blocksPerRow * BLOCK;
    const size_t rows = least(run->rowsPerBlock, run->rows - firstRow);
    const size_t columns = run->blocksPerRow > 1 ? least(BLOCK, row - column) : row;
    for (size_t i = 0; i < p->inputs; i++) {
      const size_t *strides = p->strides + i * p->axes;
      const float *input = run->inputs[i];
      if (kinds[i] == WHOLE) {
        at[i] = (float *)input + firstRow * row + column;
      } else if (kinds[i] == SAME_ROW && run->rowsPerBlock == 1) {
        at[i] = (float *)input + column;
      } else if (kinds[i] == SOME_ROWS) {
        float *to = memory + i * BLOCK;
        at[i] = to;
        for (size_t r = 0; r < rows; r++, to += columns) {
          const float *from = input + offsetOf(p, strides, firstRow + r);
          if (!strides[inner]) repeat(*from, columns, to);
          else if (rows > 1) memcpy(to, from + column, columns * sizeof(float));
          else at[i] = (float *)from + column;
        }
      }
    }
    for (size_t i = 0; i < p->outputs; i++) at[p->inputs + p->temporaries + i] = run->outputs[i] + firstRow * row + column;
    runCode(p, at, rows * columns);
  }
}

const void *runProgram(const Workers *workers, const Program *p, const float *const *inputs, float *const *outputs) {
  Run run = {.program = p, .inputs = inputs, .outputs = outputs, .row = p->extents[p->axes - 1], .rows = 1};
  for (size_t axis = 0; axis + 1 < p->axes; axis++) run.rows *= p->extents[axis];
  if (!run.row || !run.rows) return NULL;
  run.blocksPerRow = ceiling(run.row, BLOCK);
  run.rowsPerBlock = run.blocksPerRow > 1 ? 1 : BLOCK / run.row;
  run.blocks = ceiling(run.rows, run.rowsPerBlock) * run.blocksPerRow;
  run.blocksPerPart = most(1, MUCH_WORK / BLOCK / most(1, p->instructions));
  const void *problem = workers->run(workers->context, runPart, ceiling(run.blocks, run.blocksPerPart), &run);
  return problem ? problem : run.problem;
}
