/* Kernel(inputs…) as an operator: what its attribute `source` says in CUDA C++, compiled when the session is made. */
#ifdef __linux__
#include "gpu.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Threads of a block stand in for each other between two barriers: in EACH_THREAD { … } each does its part. A stand-in for
 * the GPU does the parts one after the other.
 */
static const char beginning[] =
    "#ifndef EACH_THREAD\n"
    "#define EACH_THREAD\n"
    "#define BARRIER __syncthreads();\n"
    "#define KERNEL extern \"C\" __global__ void __launch_bounds__(256) kernel(const Arguments a)\n"
    "#endif\n"
    "#define THREAD (blockIdx.x * 256u + threadIdx.x)\n";
enum { THREADS = 256, MOST_OPERANDS = 256, MOST_NUMBERS = 256, MOST_BYTES = 4096 };

typedef struct Compiled {
  char *source;
  void *function;
  struct Compiled *next;
} Compiled;

typedef struct Kernel {
  void *function;
  int64_t *shapes;
  uint32_t *numbers;
  size_t outputs, count;
  uint32_t blocks;
} Kernel;

static Status compile(const char *source, void **function) {
  int major = 0, minor = 0;
  enum { MAJOR = 75, MINOR = 76 };
  Status status = gpuFailure("cudaDeviceGetAttribute", GPU(cudaDeviceGetAttribute, int *, int, int)(&major, MAJOR, 0));
  if (!status) status = gpuFailure("cudaDeviceGetAttribute", GPU(cudaDeviceGetAttribute, int *, int, int)(&minor, MINOR, 0));
  if (status) return status;
  char architecture[64];
  snprintf(architecture, sizeof architecture, "--gpu-architecture=sm_%d%d", major, minor);
  /* Each operation is rounded by itself, as by ONNX Runtime's own operators. */
  const char *const options[] = {architecture, "--fmad=false"};
  const size_t length = sizeof beginning + strlen(source);
  char *text = malloc(length);
  if (!text) return failure("no memory");
  memcpy(text, beginning, sizeof beginning - 1);
  strcpy(text + sizeof beginning - 1, source);
  void *program = NULL, *module = NULL;
  char *code = NULL;
  size_t size = 0;
  status = gpuFailure("nvrtcCreateProgram", GPU(nvrtcCreateProgram, void **, const char *, const char *, int, const char *const *, const char *const *)(
                                                &program, text, "kernel.cu", 0, NULL, NULL));
  if (!status && GPU(nvrtcCompileProgram, void *, int, const char *const *)(program, 2, options) != 0) {
    char *log = NULL;
    GPU(nvrtcGetProgramLogSize, void *, size_t *)(program, &size);
    log = calloc(1, size + 1);
    if (log) GPU(nvrtcGetProgramLog, void *, char *)(program, log);
    status = failure(log ? log : "a kernel does not compile");
    free(log);
  }
  if (!status) status = gpuFailure("nvrtcGetCUBINSize", GPU(nvrtcGetCUBINSize, void *, size_t *)(program, &size));
  if (!status && !(code = malloc(size + 1))) status = failure("no memory");
  if (!status) status = gpuFailure("nvrtcGetCUBIN", GPU(nvrtcGetCUBIN, void *, char *)(program, code));
  if (!status) status = gpuFailure("cuModuleLoadData", GPU(cuModuleLoadData, void **, const void *)(&module, code));
  if (!status) status = gpuFailure("cuModuleGetFunction", GPU(cuModuleGetFunction, void **, void *, const char *)(function, module, "kernel"));
  if (program) GPU(nvrtcDestroyProgram, void **)(&program);
  free(code);
  free(text);
  return status;
}

/* Graphs that do the same have it once; it stays for the life of the process. Takes the source over. */
static Status compiledOnce(char *source, void **function) {
  static Compiled *all;
  for (const Compiled *c = all; c; c = c->next) {
    if (strcmp(c->source, source) == 0) {
      *function = c->function;
      free(source);
      return NULL;
    }
  }
  Compiled *made = malloc(sizeof(Compiled));
  Status status = made ? compile(source, function) : failure("no memory");
  if (status) {
    free(made);
    free(source);
    return status;
  }
  *made = (Compiled){source, *function, all};
  all = made;
  return NULL;
}

static void freeKernel(void *data) {
  Kernel *kernel = data;
  if (!kernel) return;
  free(kernel->shapes);
  free(kernel->numbers);
  free(kernel);
}

static Status createKernel(const Operator *op, const void *unused, const void *info, void **made) {
  (void)op, (void)unused;
  Kernel *kernel = calloc(1, sizeof(Kernel));
  *made = kernel;
  if (!kernel) return failure("no memory");
  size_t length = 0, count = 0, shapes = 0;
  FUNCTION(KernelInfoGetAttribute_string, const void *, const char *, char *, size_t *)(info, "source", NULL, &length);
  char *source = calloc(1, length + 1);
  if (!source) return failure("no memory");
  Status status = FUNCTION(KernelInfoGetAttribute_string, const void *, const char *, char *, size_t *)(info, "source", source, &length);
  int64_t *numbers = NULL;
  /* Of the outputs, one after the other: how many axes, then their extents. */
  if (!status) status = integersOf(info, "shapes", &kernel->shapes, &shapes);
  for (size_t i = 0; !status && i < shapes; i += (size_t)kernel->shapes[i] + 1) kernel->outputs++;
  /* First the blocks, then what the arguments end with. */
  if (!status) status = integersOf(info, "numbers", &numbers, &count);
  if (!status && (count < 1 || count > MOST_NUMBERS)) status = failure("a kernel of another kind");
  if (!status) {
    kernel->blocks = (uint32_t)numbers[0];
    kernel->count = count - 1;
    kernel->numbers = malloc(count * sizeof(uint32_t));
    if (!kernel->numbers) status = failure("no memory");
  }
  for (size_t i = 1; !status && i < count; i++) kernel->numbers[i - 1] = (uint32_t)numbers[i];
  free(numbers);
  if (status) {
    free(source);
    return status;
  }
  return compiledOnce(source, &kernel->function);
}

static Status computeKernel(void *data, void *context) {
  const Kernel *kernel = data;
  /* The arguments as one structure: addresses of the inputs and of the outputs, then numbers. */
  union { void *addresses[MOST_BYTES / sizeof(void *)]; char bytes[MOST_BYTES]; } arguments;
  size_t inputs = 0;
  const void *value;
  void *stream;
  float *data32;
  Status status = FUNCTION(KernelContext_GetInputCount, void *, size_t *)(context, &inputs);
  if (!status && (inputs + kernel->outputs) * sizeof(void *) + kernel->count * sizeof(uint32_t) > MOST_BYTES) {
    status = failure("a kernel of too many inputs or outputs");
  }
  for (size_t i = 0; i < inputs && !status; i++) {
    status = inputOf(context, i, &value, &data32);
    arguments.addresses[i] = data32;
  }
  const int64_t *shape = kernel->shapes;
  for (size_t i = 0; i < kernel->outputs && !status; i++) {
    status = outputOf(context, i, shape + 1, (size_t)*shape, &data32);
    arguments.addresses[inputs + i] = data32;
    shape += *shape + 1;
  }
  if (!status) status = gpuStream(context, &stream);
  if (status || kernel->blocks == 0) return status;
  memcpy(arguments.bytes + (inputs + kernel->outputs) * sizeof(void *), kernel->numbers, kernel->count * sizeof(uint32_t));
  void *parameters[] = {&arguments};
  return gpuFailure("cuLaunchKernel", GPU(cuLaunchKernel, void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                                          void *, void **, void **)(kernel->function, kernel->blocks, 1, 1, THREADS, 1, 1, 0,
                                                                     stream, parameters, NULL));
}

static const char *kernelName(const Operator *op) { (void)op; return "Kernel"; }

const Operator gpuKernelOperator = {
    OPERATOR_FIELDS_ON(onGpu, createKernel, computeKernel, kernelName, one, isVariadic, one, isVariadic),
    .KernelDestroy = freeKernel,
    VARIADIC_FIELDS,
};
#endif
