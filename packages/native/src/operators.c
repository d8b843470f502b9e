/* Operators for ONNX Runtime, called by its C interface. */
#include "convolution.h"
#include "interface.h"

#ifdef _WIN32
#define EXPORTED __declspec(dllexport)
#else
#define EXPORTED __attribute__((visibility("default")))
#endif

const Function *api;

static const Operator *const operators[] = {
    &adamOperator,
    &sumOfSquaresOperator,
    &movingAveragesOperator,
    &convolutionOperator,
    &inputGradientOperator,
    &filterGradientOperator,
    &elementwiseOperator,
    &softmaxOperator,
    &maximaOperator,
    &sumsOperator,
    &maximaGradientOperator,
    &productOperator,
};

const void *runParts(void *context, void (*part)(void *, size_t), size_t count, void *data) {
  if (count == 1) {
    part(data, 0);
    return NULL;
  }
  return FUNCTION(KernelContext_ParallelFor, void *, void (*)(void *, size_t), size_t, size_t, void *)(
      context, part, count, (size_t)0, data);
}

/* `problem` is a status of ONNX Runtime's, or `noMemory`. */
Status statusOf(const void *problem) { return problem == noMemory ? failure(noMemory) : (Status)problem; }

/* Goes up when what the operators take changes; the engine has its own in native/operators.ts. */
EXPORTED int OperatorsVersion(void) { return 5; }

Status addOperators(void *options, void **domain, const Operator *const *added, size_t count) {
  Status status = NULL;
  if (!*domain) {
    /* Threads that come here at once make one each. */
    void *made = NULL;
    status = FUNCTION(CreateCustomOpDomain, const char *, void **)("dlkit", &made);
    for (size_t i = 0; i < count && !status; i++) {
      status = FUNCTION(CustomOpDomain_Add, void *, const Operator *)(made, added[i]);
    }
    if (!status) *domain = made;
  }
  return status ? status : FUNCTION(AddCustomOpDomain, void *, void *)(options, *domain);
}

/* Adds the operators, under the domain "dlkit", to the options of a session. */
EXPORTED Status RegisterCustomOps(void *options, const ApiBase *base) {
  static void *domain;
  api = base->GetApi(INTERFACE);
  return addOperators(options, &domain, operators, sizeof operators / sizeof *operators);
}
