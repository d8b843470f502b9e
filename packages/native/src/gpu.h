/* NVIDIA's libraries, found by name in those that the engine has loaded; nothing of them is needed to compile this. */
#ifndef GPU_H
#define GPU_H
#include "interface.h"

/* The functions by their names; a call is GPU(cudaMalloc, void **, size_t)(…), and 0 is success. */
typedef enum GpuFunction {
#define FUNCTION_OF(name) GPU_##name,
#include "gpu-functions.h"
#undef FUNCTION_OF
  GPU_FUNCTIONS
} GpuFunction;
extern Function gpuFunctions[GPU_FUNCTIONS];
#define GPU(name, ...) ((int (*)(__VA_ARGS__))gpuFunctions[GPU_##name])

/* Whether products may be rounded to TensorFloat-32. */
extern int gpuMayRound;

/* A failed status with the name of what failed and its code; NULL for 0. */
Status gpuFailure(const char *what, int code);
/* The queue of the run. */
Status gpuStream(void *context, void **stream);
const char *onGpu(const Operator *op);

extern const Operator gpuKernelOperator, gpuConvolutionOperator, gpuInputGradientOperator, gpuFilterGradientOperator;
#endif
