// Kernel calls as data: what a recorded step is made of, to be made again without anything being
// looked up.
#pragma once
#include "ck_kernels.h"

#pragma clang assume_nonnull begin

// One a kernel, in the order of ck_kernels.
typedef enum ck_call_kind {
  CK_CALL_UNARY = 0,
  CK_CALL_BINARY,
  CK_CALL_WHERE,
  CK_CALL_FILL,
  CK_CALL_GATHER,
  CK_CALL_SCATTER_ADD,
  CK_CALL_ONE_HOT,
  CK_CALL_REDUCE,
  CK_CALL_SOFTMAX,
  CK_CALL_SOFTMAX_BACKWARD,
  CK_CALL_ROW_LOSS,
  CK_CALL_ROW_LOSS_BACKWARD,
  CK_CALL_GEMM,
  CK_CALL_CONV2D,
  CK_CALL_CONV2D_INPUT_GRADIENT,
  CK_CALL_CONV2D_FILTER_GRADIENT,
  CK_CALL_AVERAGE_POOL2D,
  CK_CALL_AVERAGE_POOL2D_BACKWARD,
  CK_CALL_MAX_POOL2D,
  CK_CALL_RESIZE2D,
  CK_CALL_RESIZE2D_BACKWARD,
  CK_CALL_NORMALIZE,
  CK_CALL_STANDARDIZE,
  CK_CALL_NORMALIZE_BACKWARD,
  CK_CALL_SGD,
  CK_CALL_ADAM,
  CK_CALL_RANDOM,
  CK_CALL_COPY,
  CK_CALL_CAST,
} ck_call_kind;

// The scalars of a call; which they are follows from its kind.
typedef union ck_call_scalars {
  ck_unary_shape unary;
  ck_binary_shape binary;
  ck_where_shape where;
  ck_fill_shape fill;
  ck_gather_shape gather;
  ck_one_hot_shape one_hot;
  ck_reduce_shape reduce;
  ck_softmax_shape softmax;
  ck_loss_shape loss;
  ck_gemm_shape gemm;
  ck_conv2d_shape conv2d;
  ck_pool2d_shape pool2d;
  ck_resize2d_shape resize2d;
  ck_normalize_shape normalize;
  ck_sgd_shape sgd;
  ck_adam_shape adam;
  ck_random_shape random;
  ck_copy_shape copy;
  ck_cast_shape cast;
} ck_call_scalars;

#define CK_MAX_OPERANDS 8

// operands: in the order of the kernel's parameters; of an optimiser, those after its gradients.
typedef struct ck_call {
  ck_call_kind kind;
  ck_call_scalars scalars;
  const ck_kernels *kernels;
  const ck_gradient *_Nullable gradients;
  ck_kept *_Nullable kept;  // of the weights of gemm, conv2d and conv2d_input_gradient
  void *_Nullable operands[CK_MAX_OPERANDS];
} ck_call;

// Makes the calls one after another.
void ck_make_calls(const ck_call *_Nullable calls, int count, ck_pool *pool);

#pragma clang assume_nonnull end
