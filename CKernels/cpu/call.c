// From calls as data to the kernels.
#include "ck_call.h"

static void make_call(const ck_call *call, ck_pool *pool) {
  const ck_kernels *k = call->kernels;
  const ck_call_scalars *s = &call->scalars;
  void *const *o = call->operands;
  switch (call->kind) {
    case CK_CALL_UNARY:
      k->unary(&s->unary, o[0], o[1], pool);
      break;
    case CK_CALL_BINARY:
      k->binary(&s->binary, o[0], o[1], o[2], pool);
      break;
    case CK_CALL_WHERE:
      k->where(&s->where, o[0], o[1], o[2], o[3], pool);
      break;
    case CK_CALL_FILL:
      k->fill(&s->fill, o[0], pool);
      break;
    case CK_CALL_GATHER:
      k->gather(&s->gather, o[0], o[1], o[2], pool);
      break;
    case CK_CALL_SCATTER_ADD:
      k->scatter_add(&s->gather, o[0], o[1], o[2], pool);
      break;
    case CK_CALL_ONE_HOT:
      k->one_hot(&s->one_hot, o[0], o[1], pool);
      break;
    case CK_CALL_REDUCE:
      k->reduce(&s->reduce, o[0], o[1], pool);
      break;
    case CK_CALL_SOFTMAX:
      k->softmax(&s->softmax, o[0], o[1], pool);
      break;
    case CK_CALL_SOFTMAX_BACKWARD:
      k->softmax_backward(&s->softmax, o[0], o[1], o[2], pool);
      break;
    case CK_CALL_ROW_LOSS:
      k->row_loss(&s->loss, o[0], o[1], o[2], pool);
      break;
    case CK_CALL_ROW_LOSS_BACKWARD:
      k->row_loss_backward(&s->loss, o[0], o[1], o[2], o[3], pool);
      break;
    case CK_CALL_GEMM:
      k->gemm(&s->gemm, o[0], o[1], o[2], o[3], call->kept, pool);
      break;
    case CK_CALL_CONV2D:
      k->conv2d(&s->conv2d, o[0], o[1], o[2], o[3], call->kept, pool);
      break;
    case CK_CALL_CONV2D_INPUT_GRADIENT:
      k->conv2d_input_gradient(&s->conv2d, o[0], o[1], o[2], o[3], call->kept, pool);
      break;
    case CK_CALL_CONV2D_FILTER_GRADIENT:
      k->conv2d_filter_gradient(&s->conv2d, o[0], o[1], o[2], pool);
      break;
    case CK_CALL_AVERAGE_POOL2D:
      k->average_pool2d(&s->pool2d, o[0], o[1], pool);
      break;
    case CK_CALL_AVERAGE_POOL2D_BACKWARD:
      k->average_pool2d_backward(&s->pool2d, o[0], o[1], pool);
      break;
    case CK_CALL_MAX_POOL2D:
      k->max_pool2d(&s->pool2d, o[0], o[1], o[2], pool);
      break;
    case CK_CALL_RESIZE2D:
      k->resize2d(&s->resize2d, o[0], o[1], pool);
      break;
    case CK_CALL_RESIZE2D_BACKWARD:
      k->resize2d_backward(&s->resize2d, o[0], o[1], pool);
      break;
    case CK_CALL_NORMALIZE:
      k->normalize(&s->normalize, o[0], o[1], o[2], o[3], o[4], o[5], pool);
      break;
    case CK_CALL_STANDARDIZE:
      k->standardize(&s->normalize, o[0], o[1], o[2], o[3], o[4], o[5], pool);
      break;
    case CK_CALL_NORMALIZE_BACKWARD:
      k->normalize_backward(&s->normalize, o[0], o[1], o[2], o[3], o[4], o[5], o[6], o[7], pool);
      break;
    case CK_CALL_SGD:
      k->sgd(&s->sgd, call->gradients, o[0], o[1], o[2], o[3], pool);
      break;
    case CK_CALL_ADAM:
      k->adam(&s->adam, call->gradients, o[0], o[1], o[2], o[3], o[4], pool);
      break;
    case CK_CALL_RANDOM:
      k->random(&s->random, o[0], o[1], pool);
      break;
    case CK_CALL_COPY:
      ck_copy(&s->copy, o[0], o[1], pool);
      break;
    case CK_CALL_CAST:
      ck_cast(&s->cast, o[0], o[1], pool);
      break;
  }
}

void ck_make_calls(const ck_call *calls, int count, ck_pool *pool) {
  for (int i = 0; i < count; i++) make_call(&calls[i], pool);
}
