/*
 * Work on many tensors at once, element by element: slots of some input and output tensors, all of one size. Each slot is cut
 * into parts, which threads share.
 */
#ifndef SLOTS_H
#define SLOTS_H
#include "interface.h"
#include "scratch.h"

typedef struct Slots {
  size_t count, parts;
  /* Of each slot: its inputs, then its outputs. */
  float **tensors;
  size_t *sizes, *ends;
} Slots;

/* The inputs of a node from number `first` on, and its outputs. It is to be closed, also after a failure. */
Status openSlots(void *context, size_t first, size_t inputs, size_t outputs, Slots *slots);
void closeSlots(Slots *slots);

/* Elements of a slot that one thread takes at a time. */
enum { PART = 16384 };
typedef struct Part {
  size_t slot, from, count;
} Part;
Part partOf(const Slots *slots, size_t number);

/* The first inputs of a node, of one element each. */
Status numbersOf(void *context, size_t count, float *numbers);

/* For operators without attributes. */
Status createNothing(const Operator *, const void *unused, const void *info, void **kernel);

#endif
