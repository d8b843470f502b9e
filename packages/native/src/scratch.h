/* Memory of a thread that is used again by whatever it computes next, and freed when it ends. */
#ifndef SCRATCH_H
#define SCRATCH_H
#include <stddef.h>

/* What functions say where there is none. */
extern const char noMemory[];

enum { PANELS, PIXELS, BLOCKS, SCRATCHES };

/* At least `count` floats; NULL where there is no memory. The next call with the same `purpose` may give them away. */
float *scratch(int purpose, size_t count);
#endif
