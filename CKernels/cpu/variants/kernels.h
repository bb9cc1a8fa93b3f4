// Which kernels a variant has. A list is used twice: to declare the functions, and to fill a table
// (dispatch.c).
#pragma once
#include "ck_kernels.h"

// clang-format off

// Of every element type.
#define CK_ARITHMETIC(X, variant) \
  X(unary, variant) X(binary, variant) X(where, variant) X(scatter_add, variant) X(reduce, variant)

// Of every element type, but bound by memory alone: the reference serves every instruction set.
#define CK_MOVEMENT(X, variant) X(fill, variant) X(gather, variant) X(one_hot, variant)

// Of floating types.
#define CK_FLOATING(X, variant)                                                  \
  X(softmax, variant) X(softmax_backward, variant)                               \
  X(row_loss, variant) X(row_loss_backward, variant)                             \
  X(average_pool2d, variant) X(average_pool2d_backward, variant)                 \
  X(max_pool2d, variant)                                                         \
  X(resize2d, variant) X(resize2d_backward, variant)                             \
  X(normalize, variant) X(standardize, variant) X(normalize_backward, variant)   \
  X(sgd, variant) X(adam, variant)                                               \
  X(random, variant)

// Of floating types too, but their twins are not made from the reference's text: they run on tiles.
// AMX has these alone, and AVX-512 the rest for it.
#define CK_PRODUCTS(X, variant)                                                  \
  X(gemm, variant) X(gemm_keeps, variant)                                        \
  X(conv2d, variant) X(conv2d_keeps, variant)                                    \
  X(conv2d_input_gradient, variant) X(conv2d_input_gradient_keeps, variant)      \
  X(conv2d_filter_gradient, variant)

// clang-format on

// A function of the type that the table has for it.
#define CK_DECLARE(op, variant) typeof(*((ck_kernels *)0)->op) ck_##op##_##variant;

CK_ARITHMETIC(CK_DECLARE, i32_reference)
CK_MOVEMENT(CK_DECLARE, i32_reference)
CK_ARITHMETIC(CK_DECLARE, f64_reference)
CK_MOVEMENT(CK_DECLARE, f64_reference)
CK_FLOATING(CK_DECLARE, f64_reference)
CK_PRODUCTS(CK_DECLARE, f64_reference)
CK_ARITHMETIC(CK_DECLARE, f32_reference)
CK_MOVEMENT(CK_DECLARE, f32_reference)
CK_FLOATING(CK_DECLARE, f32_reference)
CK_PRODUCTS(CK_DECLARE, f32_reference)
#if defined(__x86_64__)
CK_ARITHMETIC(CK_DECLARE, f32_avx2)
CK_FLOATING(CK_DECLARE, f32_avx2)
CK_PRODUCTS(CK_DECLARE, f32_avx2)
CK_ARITHMETIC(CK_DECLARE, f32_avx512)
CK_FLOATING(CK_DECLARE, f32_avx512)
CK_PRODUCTS(CK_DECLARE, f32_avx512)
CK_PRODUCTS(CK_DECLARE, f32_amx)
CK_PRODUCTS(CK_DECLARE, f32_amx_on_avx2)
CK_PRODUCTS(CK_DECLARE, f32_amx_on_avx512)
#endif
