#ifndef PROCESSOR_H
#define PROCESSOR_H
/* One body for several sets of instructions; the loader takes the best that the processor has. */
#if defined(__x86_64__) && defined(__linux__)
#define FOR_ALL_PROCESSORS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_ALL_PROCESSORS
#endif
#endif
