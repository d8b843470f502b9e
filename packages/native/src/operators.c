/* Operators for ONNX Runtime, called by its C interface. */
#include "interface.h"

#ifdef _WIN32
#define EXPORTED __declspec(dllexport)
#else
#define EXPORTED __attribute__((visibility("default")))
#endif

const Function *api;

static const Operator *const operators[] = {
    &adamOperator,
    &convolutionOperator,
    &inputGradientOperator,
    &filterGradientOperator,
};

/* Adds the operators, under the domain "dlkit", to the options of a session. */
EXPORTED Status RegisterCustomOps(void *options, const ApiBase *base) {
  static void *domain;
  api = base->GetApi(INTERFACE);
  Status status = NULL;
  if (!domain) {
    /* Threads that come here at once make one each. */
    void *made = NULL;
    status = FUNCTION(CreateCustomOpDomain, const char *, void **)("dlkit", &made);
    for (size_t i = 0; i < sizeof operators / sizeof *operators && !status; i++) {
      status = FUNCTION(CustomOpDomain_Add, void *, const Operator *)(made, operators[i]);
    }
    if (!status) domain = made;
  }
  return status ? status : FUNCTION(AddCustomOpDomain, void *, void *)(options, domain);
}
