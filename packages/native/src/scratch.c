#include "scratch.h"
#include <pthread.h>
#include <stdlib.h>

const char noMemory[] = "no memory";

typedef struct Buffer {
  float *floats;
  size_t count;
} Buffer;

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void freeBuffers(void *data) {
  Buffer *buffers = data;
  for (int i = 0; i < SCRATCHES; i++) free(buffers[i].floats);
  free(buffers);
}

static void makeKey(void) { pthread_key_create(&key, freeBuffers); }

float *scratch(int purpose, size_t count) {
  enum { ALIGNMENT = 64 };
  pthread_once(&once, makeKey);
  Buffer *buffers = pthread_getspecific(key);
  if (!buffers) {
    buffers = calloc(SCRATCHES, sizeof(Buffer));
    if (!buffers) return NULL;
    pthread_setspecific(key, buffers);
  }
  Buffer *buffer = &buffers[purpose];
  if (buffer->count < count) {
    free(buffer->floats);
    buffer->count = 0;
    void *floats = NULL;
    if (posix_memalign(&floats, ALIGNMENT, count * sizeof(float))) floats = NULL;
    buffer->floats = floats;
    if (floats) buffer->count = count;
  }
  return buffer->floats;
}
