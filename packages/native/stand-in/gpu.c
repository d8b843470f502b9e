/*
 * What the operators for a GPU need of NVIDIA's libraries, on a processor: kernels are compiled by the C compiler and
 * their blocks run one after the other; convolutions are plain loops. For tests of graphs and kernels without a GPU:
 * cc -shared -fPIC -O2 -o gpu-stand-in.so gpu.c
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef void Launch(void *const *parameters, unsigned blocks);

/*
 * DLKIT_STAND_IN_BYTES is how much memory it has (default: 1 GiB), DLKIT_STAND_IN_LAUNCHES after how many launches it is
 * lost: from then on everything fails with the code of a failed launch, as on a GPU.
 */
enum { OUT_OF_MEMORY = 2, LAUNCH_FAILURE = 719 };
static size_t numberOf(const char *name, size_t otherwise) {
  const char *text = getenv(name);
  return text ? strtoull(text, NULL, 10) : otherwise;
}
static size_t used;
static int isLost;
#define ALIVE if (isLost) return LAUNCH_FAILURE
static size_t total(void) { return numberOf("DLKIT_STAND_IN_BYTES", (size_t)1 << 30); }

int cudaSetDevice(int device) { return device != 0; }
int cudaGetDeviceProperties(char *properties, int device) { (void)device; strcpy(properties, "stand-in"); return 0; }
int cudaDeviceGetAttribute(int *value, int attribute, int device) { (void)attribute, (void)device, *value = 0; return 0; }
int cudaDriverGetVersion(int *version) { *version = 13000; return 0; }
int cudaStreamSynchronize(void *stream) { (void)stream; ALIVE; return 0; }
int cudaDeviceSynchronize(void) { ALIVE; return 0; }
int cudaMemGetInfo(size_t *available, size_t *whole) { ALIVE; *whole = total(), *available = total() - used; return 0; }
int cudaMemcpy(void *to, const void *from, size_t bytes, int kind) { (void)kind; ALIVE; memmove(to, from, bytes); return 0; }
const char *cudaGetErrorString(int code) { return code == OUT_OF_MEMORY ? "out of memory" : "unspecified launch failure"; }
/* The size stands in front of the memory. */
enum { HEADER = 64 };
int cudaMalloc(void **address, size_t bytes) {
  ALIVE;
  char *memory = used + bytes > total() ? NULL : malloc(bytes + HEADER);
  if (!memory) return OUT_OF_MEMORY;
  *(size_t *)memory = bytes;
  used += bytes;
  *address = memory + HEADER;
  return 0;
}
int cudaFree(void *address) {
  if (!address) return 0;
  char *memory = (char *)address - HEADER;
  used -= *(size_t *)memory;
  free(memory);
  ALIVE;
  return 0;
}

/* A program is its source; the compiled one is the path of a library. */
static const char beginning[] =
    "#include <math.h>\n#include <stdbool.h>\n#include <string.h>\n"
    "#define __shared__ static\n"
    "typedef struct Arguments Arguments;\n"
    "typedef struct { unsigned x; } Place;\n"
    "static Place blockIdx, threadIdx;\n"
    "static float __uint_as_float(unsigned bits) { float value; memcpy(&value, &bits, 4); return value; }\n"
    "#define EACH_THREAD for (threadIdx.x = 0; threadIdx.x < 256; threadIdx.x++)\n"
    "#define BARRIER\n"
    "#define KERNEL static void kernel(const Arguments a)\n";
static const char end[] =
    "void launch(void *const *parameters, unsigned blocks) {\n"
    "  for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++) kernel(*(const Arguments *)parameters[0]);\n"
    "}\n";

typedef struct Program { char *source; char path[64], log[65536]; } Program;

int nvrtcCreateProgram(void **made, const char *source, const char *name, int headers, const char *const *a, const char *const *b) {
  (void)name, (void)headers, (void)a, (void)b;
  Program *program = calloc(1, sizeof(Program));
  program->source = strdup(source);
  *made = program;
  return 0;
}

int nvrtcCompileProgram(void *data, int count, const char *const *options) {
  (void)count, (void)options;
  static int number;
  Program *program = data;
  char file[64], command[512];
  snprintf(program->path, sizeof program->path, "/tmp/dlkit-gpu-%d-%d.so", getpid(), number);
  snprintf(file, sizeof file, "/tmp/dlkit-gpu-%d-%d.c", getpid(), number++);
  FILE *out = fopen(file, "w");
  fprintf(out, "%s%s%s", beginning, program->source, end);
  fclose(out);
  snprintf(command, sizeof command, "cc -std=gnu11 -O1 -ffp-contract=off -shared -fPIC -o %s %s -lm 2>&1", program->path, file);
  FILE *compiler = popen(command, "r");
  const size_t length = fread(program->log, 1, sizeof program->log - 1, compiler);
  program->log[length] = 0;
  const int failed = pclose(compiler);
  unlink(file);
  return failed;
}

int nvrtcGetProgramLogSize(void *program, size_t *size) { *size = strlen(((Program *)program)->log) + 1; return 0; }
int nvrtcGetProgramLog(void *program, char *log) { strcpy(log, ((Program *)program)->log); return 0; }
int nvrtcGetCUBINSize(void *program, size_t *size) { *size = strlen(((Program *)program)->path) + 1; return 0; }
int nvrtcGetCUBIN(void *program, char *code) { strcpy(code, ((Program *)program)->path); return 0; }
int nvrtcDestroyProgram(void **data) {
  Program *program = *data;
  free(program->source);
  free(program);
  return 0;
}

int cuModuleLoadData(void **module, const void *path) {
  *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  unlink(path);
  return !*module;
}
int cuModuleGetFunction(void **function, void *module, const char *name) {
  (void)name;
  *function = dlsym(module, "launch");
  return !*function;
}
int cuLaunchKernel(void *function, unsigned x, unsigned y, unsigned z, unsigned bx, unsigned by, unsigned bz, unsigned shared,
                   void *stream, void **parameters, void **extra) {
  (void)y, (void)z, (void)bx, (void)by, (void)bz, (void)shared, (void)stream, (void)extra;
  static size_t launches;
  isLost |= launches++ >= numberOf("DLKIT_STAND_IN_LAUNCHES", SIZE_MAX);
  ALIVE;
  ((Launch *)function)(parameters, x);
  return 0;
}

/* A descriptor of each kind has all numbers. */
typedef struct Sizes { int batch, channels, height, width, out, pad[2], stride[2], dilation[2]; } Sizes;
static int create(void **made) { *made = calloc(1, sizeof(Sizes)); return 0; }
int cudnnCreate(void **made) { return create(made); }
int cudnnSetStream(void *handle, void *stream) { (void)handle, (void)stream; return 0; }
int cudnnCreateTensorDescriptor(void **made) { return create(made); }
int cudnnCreateFilterDescriptor(void **made) { return create(made); }
int cudnnCreateConvolutionDescriptor(void **made) { return create(made); }
int cudnnDestroyTensorDescriptor(void *made) { free(made); return 0; }
int cudnnDestroyFilterDescriptor(void *made) { free(made); return 0; }
int cudnnDestroyConvolutionDescriptor(void *made) { free(made); return 0; }
int cudnnSetConvolutionMathType(void *made, int type) { (void)made, (void)type; return 0; }
int cudnnSetTensor4dDescriptor(void *made, int format, int type, int n, int c, int h, int w) {
  Sizes *s = made;
  s->batch = n, s->channels = c, s->height = h, s->width = w;
  return format != 1 || type != 0;
}
int cudnnSetFilter4dDescriptor(void *made, int type, int format, int k, int c, int h, int w) {
  Sizes *s = made;
  s->out = k, s->channels = c, s->height = h, s->width = w;
  return format != 1 || type != 0;
}
int cudnnSetConvolution2dDescriptor(void *made, int ph, int pw, int sh, int sw, int dh, int dw, int mode, int type) {
  Sizes *s = made;
  s->pad[0] = ph, s->pad[1] = pw, s->stride[0] = sh, s->stride[1] = sw, s->dilation[0] = dh, s->dilation[1] = dw;
  return mode != 1 || type != 0 || ph < 0 || pw < 0;
}

typedef struct Found { int algorithm, status; float time; size_t memory; int isDeterministic, mathType, reserved[3]; } Found;
static int one(int *count, Found *found) {
  *count = 1;
  *found = (Found){.memory = 1, .isDeterministic = 1};
  return 0;
}
/* Sizes that do not belong together are an error, as with cuDNN. */
static int isWrong(const Sizes *x, const Sizes *w, const Sizes *c, const Sizes *y) {
  const int height = (x->height + 2 * c->pad[0] - c->dilation[0] * (w->height - 1) - 1) / c->stride[0] + 1;
  const int width = (x->width + 2 * c->pad[1] - c->dilation[1] * (w->width - 1) - 1) / c->stride[1] + 1;
  return height != y->height || width != y->width || w->channels != x->channels || w->out != y->channels || x->batch != y->batch;
}
int cudnnGetConvolutionForwardAlgorithm_v7(void *h, void *x, void *w, void *c, void *y, int most, int *count, Found *found) {
  (void)h, (void)most;
  return isWrong(x, w, c, y) ? 3 : one(count, found);
}
int cudnnGetConvolutionBackwardDataAlgorithm_v7(void *h, void *w, void *y, void *c, void *x, int most, int *count, Found *found) {
  (void)h, (void)most;
  return isWrong(x, w, c, y) ? 3 : one(count, found);
}
int cudnnGetConvolutionBackwardFilterAlgorithm_v7(void *h, void *x, void *y, void *c, void *w, int most, int *count, Found *found) {
  (void)h, (void)most;
  return isWrong(x, w, c, y) ? 3 : one(count, found);
}

/* Each product of a pixel, a tap and a channel of each; `direction` says which of the three gets the sum. */
static int convolve(const Sizes *x, const Sizes *w, const Sizes *c, const Sizes *y, float *xs, float *ws, float *ys, int direction) {
  if (isWrong(x, w, c, y)) return 3;
  if (direction == 0) memset(ys, 0, sizeof(float) * (size_t)y->batch * y->height * y->width * y->channels);
  if (direction == 1) memset(xs, 0, sizeof(float) * (size_t)x->batch * x->height * x->width * x->channels);
  if (direction == 2) memset(ws, 0, sizeof(float) * (size_t)w->out * w->height * w->width * w->channels);
  for (int n = 0; n < y->batch; n++)
    for (int i = 0; i < y->height; i++)
      for (int j = 0; j < y->width; j++)
        for (int k = 0; k < w->height; k++)
          for (int l = 0; l < w->width; l++) {
            const int row = i * c->stride[0] - c->pad[0] + k * c->dilation[0], column = j * c->stride[1] - c->pad[1] + l * c->dilation[1];
            if (row < 0 || row >= x->height || column < 0 || column >= x->width) continue;
            float *px = xs + (((size_t)n * x->height + row) * x->width + column) * x->channels;
            float *py = ys + (((size_t)n * y->height + i) * y->width + j) * y->channels;
            for (int o = 0; o < w->out; o++) {
              float *pw = ws + (((size_t)o * w->height + k) * w->width + l) * w->channels;
              if (direction == 0) for (int q = 0; q < w->channels; q++) py[o] += px[q] * pw[q];
              if (direction == 1) for (int q = 0; q < w->channels; q++) px[q] += py[o] * pw[q];
              if (direction == 2) for (int q = 0; q < w->channels; q++) pw[q] += px[q] * py[o];
            }
          }
  return 0;
}
int cudnnConvolutionForward(void *h, const float *all, void *x, void *xs, void *w, void *ws, void *c, int algorithm, void *space, size_t size,
                            const float *nothing, void *y, void *ys) {
  (void)h, (void)all, (void)algorithm, (void)space, (void)size, (void)nothing;
  return convolve(x, w, c, y, xs, ws, ys, 0);
}
int cudnnConvolutionBackwardData(void *h, const float *all, void *w, void *ws, void *y, void *ys, void *c, int algorithm, void *space,
                                 size_t size, const float *nothing, void *x, void *xs) {
  (void)h, (void)all, (void)algorithm, (void)space, (void)size, (void)nothing;
  return convolve(x, w, c, y, xs, ws, ys, 1);
}
int cudnnConvolutionBackwardFilter(void *h, const float *all, void *x, void *xs, void *y, void *ys, void *c, int algorithm, void *space,
                                   size_t size, const float *nothing, void *w, void *ws) {
  (void)h, (void)all, (void)algorithm, (void)space, (void)size, (void)nothing;
  return convolve(x, w, c, y, xs, ws, ys, 2);
}
