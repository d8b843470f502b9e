#ifdef __linux__
#define _GNU_SOURCE
#include "gpu.h"
#include <dlfcn.h>
#include <stdio.h>

Function gpuFunctions[GPU_FUNCTIONS];
int gpuMayRound;
static const char *provider;

static const char *const names[GPU_FUNCTIONS] = {
#define FUNCTION_OF(name) #name,
#include "gpu-functions.h"
#undef FUNCTION_OF
};

static const Operator *const operators[] = {
    &gpuKernelOperator,
    &gpuConvolutionOperator,
    &gpuInputGradientOperator,
    &gpuFilterGradientOperator,
};

Status gpuFailure(const char *what, int code) {
  if (code == 0) return NULL;
  char message[256];
  snprintf(message, sizeof message, "%s failed (code %d)", what, code);
  return failure(message);
}

const char *onGpu(const Operator *op) { (void)op; return provider; }

Status gpuStream(void *context, void **stream) {
  *stream = NULL;
  if (!provider) return NULL;
  return FUNCTION(KernelContext_GetGPUComputeStream, const void *, void **)(context, stream);
}

/* The driver's library is one that NVIDIA's others load for themselves. */
static Status findFunctions(void) {
  void *driver = NULL;
  for (size_t i = 0; i < GPU_FUNCTIONS; i++) {
    void *found = dlsym(RTLD_DEFAULT, names[i]);
    if (!found && !driver) driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!found && driver) found = dlsym(driver, names[i]);
    if (!found) {
      char message[128];
      snprintf(message, sizeof message, "%s is in none of the loaded libraries", names[i]);
      return failure(message);
    }
    *(void **)&gpuFunctions[i] = found;
  }
  return NULL;
}

/*
 * Adds the operators for a GPU, under the domain "dlkit", to the options of a session.
 * `onProvider` names the one that runs them; without it they run on processors, with stand-ins for NVIDIA's libraries.
 */
__attribute__((visibility("default"))) Status RegisterGpuOperators(void *options, const ApiBase *base,
                                                                   const char *onProvider, int mayRound) {
  static void *domain;
  api = base->GetApi(INTERFACE);
  gpuMayRound = mayRound;
  if (!domain) {
    const Status status = findFunctions();
    if (status) return status;
    provider = onProvider && *onProvider ? "CUDAExecutionProvider" : NULL;
  }
  return addOperators(options, &domain, operators, sizeof operators / sizeof *operators);
}
#endif
