#ifndef SIZES_H
#define SIZES_H
#include <stddef.h>

static inline size_t least(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t most(size_t a, size_t b) { return a > b ? a : b; }
/* How many parts of `size` it takes. */
static inline size_t ceiling(size_t count, size_t size) { return (count + size - 1) / size; }
#endif
