/* A backend that takes every model and answers every request with no outputs: what is refused, the server itself refuses.

   The three functions are those of tritonbackend.h: https://github.com/triton-inference-server/core */

typedef struct Object Object;

extern Object *TRITONBACKEND_ResponseNew(Object **response, Object *request);
extern Object *TRITONBACKEND_ResponseSend(Object *response, unsigned flags, Object *error);
extern Object *TRITONBACKEND_RequestRelease(Object *request, unsigned flags);

enum { FINAL = 1, ALL = 1 };

Object *TRITONBACKEND_ModelInstanceExecute(Object *instance, Object **requests, unsigned count) {
    (void)instance;
    for (unsigned i = 0; i < count; i++) {
        Object *response;
        TRITONBACKEND_ResponseNew(&response, requests[i]);
        TRITONBACKEND_ResponseSend(response, FINAL, 0);
        TRITONBACKEND_RequestRelease(requests[i], ALL);
    }
    return 0;
}
