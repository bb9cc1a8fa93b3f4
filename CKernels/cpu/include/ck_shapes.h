// The scalars of every kernel call: enums, and structs of 32-bit integers and floats alone.
//
// One text serves three readers: the C kernels, Swift (which stores these structs in its kernel
// calls) and OpenCL C (which receives them by value). So: no pointers, no 64-bit members, no bool,
// no nested arrays beyond CK_MAX_RANK. Sizes count elements, strides are in elements. Every tensor
// has fewer than 2^31 elements.
#pragma once

#ifdef __OPENCL_VERSION__
typedef int int32_t;
typedef uint uint32_t;
#else
#include <stdint.h>
#endif

#define CK_MAX_RANK 6

typedef enum ck_dtype { CK_F32 = 0, CK_F64, CK_I32, CK_F16, CK_BF16 } ck_dtype;

// The activations, one a line: the name OP, its function in `elementwise`, and the arguments of
// that function and of its derivative, which is called <function>_slope. From this list come the
// enums below and every switch over them, on all devices. Its order is part of recorded calls: a
// new one goes last.
//   RELU        x > 0 ? x : 0; NaN gives NaN; slope 0 at 0
//   LEAKY_RELU  x > 0 ? x : alpha * x; slope alpha at 0
//   ELU         x > 0 ? x : alpha * expm1(x)
//   GELU        x * Phi(x), exact, by erf
//   SILU        x * sigmoid(x)
//   SOFTPLUS    log(1 + exp(x)) without overflow
#define CK_ACTIVATIONS(X)               \
  X(RELU, relu, (x))                    \
  X(LEAKY_RELU, leaky_relu, (x, alpha)) \
  X(ELU, elu, (x, alpha))               \
  X(GELU, gelu, (x))                    \
  X(SILU, silu, (x))                    \
  X(SIGMOID, sigmoid, (x))              \
  X(TANH, tanh, (x))                    \
  X(SOFTPLUS, softplus, (x))

// Those whose derivative follows from their output y = f(x), by <function>_slope_by_output; relu's
// and a rising leaky_relu's do too, from the same functions as from x. For elu, alpha >= 0.
#define CK_ACTIVATIONS_BY_OUTPUT(X) \
  X(ELU, elu, (y, alpha))           \
  X(SIGMOID, sigmoid, (y))          \
  X(TANH, tanh, (y))

#define CK_ACT_NAME(OP, function, arguments) CK_ACT_##OP,
#define CK_UNARY_NAME(OP, function, arguments) CK_##OP,
#define CK_BACKWARD_NAME(OP, function, arguments) CK_##OP##_BACKWARD,
#define CK_BY_OUTPUT_NAME(OP, function, arguments) CK_##OP##_BACKWARD_BY_OUTPUT,
#define CK_ONE_MORE(OP, function, arguments) +1

// Applied to the result of a matrix product, convolution or normalisation. `slope` beside it is the
// activation's alpha.
typedef enum ck_activation { CK_NO_ACTIVATION = 0, CK_ACTIVATIONS(CK_ACT_NAME) } ck_activation;

// --- elementwise
// -----------------------------------------------------------------------------------------------------

typedef enum ck_unary_op {
  CK_NEGATE = 0,
  CK_ABS,
  CK_SIGN,  // -1, 0 (for both zeros), 1; NaN stays NaN
  CK_SQUARE,
  CK_SQRT,
  CK_RSQRT,  // 1 / sqrt(x)
  CK_RECIPROCAL,
  CK_EXP,
  CK_LOG,
  CK_LOG1P,
  CK_EXPM1,
  CK_ERF,
  CK_FLOOR,
  CK_SCALE_SHIFT,  // fma(alpha, x, beta)
  CK_CLAMP,        // min(max(x, alpha), beta); NaN stays NaN
  CK_ACTIVATIONS(CK_UNARY_NAME)
} ck_unary_op;

typedef struct ck_unary_shape {
  ck_unary_op op;
  int32_t count;
  float alpha, beta;
} ck_unary_shape;

typedef enum ck_binary_op {
  CK_ADD = 0,
  CK_SUBTRACT,
  CK_MULTIPLY,
  CK_DIVIDE,
  CK_MAXIMUM,  // a tie gives a; NaN in either gives NaN
  CK_MINIMUM,
  CK_POWER,  // pow(a, b) for a >= 0; NaN for a < 0
  // Comparisons give 1 or 0 in the operands' type; any comparison with NaN is 0, except NOT_EQUAL.
  CK_EQUAL,
  CK_NOT_EQUAL,
  CK_LESS,
  CK_LESS_OR_EQUAL,
  CK_GREATER,
  CK_GREATER_OR_EQUAL,
  // Derivatives of the activations, CK_<OP>_BACKWARD: a = the activation's input x, b = the
  // gradient dy; the result is dy * f'(x).
  CK_ACTIVATIONS(CK_BACKWARD_NAME)
  // The same from the output, CK_<OP>_BACKWARD_BY_OUTPUT: a = f(x).
  CK_ACTIVATIONS_BY_OUTPUT(CK_BY_OUTPUT_NAME)
} ck_binary_op;

enum {
  CK_ACTIVATION_COUNT = 1 CK_ACTIVATIONS(CK_ONE_MORE),
  CK_UNARY_OP_COUNT = CK_CLAMP + 1 CK_ACTIVATIONS(CK_ONE_MORE),
  CK_BINARY_OP_COUNT = CK_GREATER_OR_EQUAL + 1 CK_ACTIVATIONS(CK_ONE_MORE)
                                                 CK_ACTIVATIONS_BY_OUTPUT(CK_ONE_MORE),
};

// Output is contiguous with the given sizes; an input's stride is 0 along a broadcast axis. Axes of
// size 1 are dropped and neighbours merged by the caller, so rank is small: 0 means one element.
typedef struct ck_binary_shape {
  ck_binary_op op;
  int32_t rank;
  int32_t size[CK_MAX_RANK];
  int32_t stride_a[CK_MAX_RANK], stride_b[CK_MAX_RANK];
  float alpha;
} ck_binary_shape;

typedef struct ck_where_shape {
  int32_t rank;
  int32_t size[CK_MAX_RANK];
  int32_t stride_condition[CK_MAX_RANK], stride_a[CK_MAX_RANK], stride_b[CK_MAX_RANK];
} ck_where_shape;

typedef struct ck_cast_shape {
  ck_dtype from, to;
  int32_t count;
} ck_cast_shape;

// --- movement
// --------------------------------------------------------------------------------------------------------

// target[sum i_d * target_stride_d] = source[sum i_d * source_stride_d]. Source strides may be 0
// (repeat) or negative (flip); the offsets of the first element are in the pointers' element
// offsets given with the call.
typedef struct ck_copy_shape {
  int32_t element_bytes;  // 2, 4 or 8
  int32_t rank;
  int32_t size[CK_MAX_RANK];
  int32_t source_stride[CK_MAX_RANK], target_stride[CK_MAX_RANK];
} ck_copy_shape;

typedef struct ck_fill_shape {
  int32_t count;
  float value;
} ck_fill_shape;

// table [rows, width]; indices int32 [count]. An index outside 0..<rows gathers zeros and scatters
// nothing.
typedef struct ck_gather_shape {
  int32_t rows, width, count;
} ck_gather_shape;

typedef struct ck_one_hot_shape {
  int32_t count, depth;
} ck_one_hot_shape;

// --- reductions and rows
// ---------------------------------------------------------------------------------------------

typedef enum ck_reduce_op {
  CK_SUM = 0,
  CK_MEAN,
  CK_SUM_OF_SQUARES,
  CK_MAX,  // NaN anywhere gives NaN
  CK_MIN,
  CK_ARGMAX,  // int32 position along the reduced axis; the first of equals; the first NaN wins
  CK_ARGMIN,
} ck_reduce_op;

// [outer, reduced, inner] -> [outer, inner]. Over no elements: sum 0, mean NaN, max -inf, min +inf,
// argmax and argmin 0.
typedef struct ck_reduce_shape {
  ck_reduce_op op;
  int32_t outer, reduced, inner;
} ck_reduce_shape;

typedef struct ck_softmax_shape {
  int32_t rows, columns;
  int32_t logarithm;  // 1: log-softmax
} ck_softmax_shape;

typedef enum ck_loss {
  CK_BCE_WITH_LOGITS =
      0,  // max(z, 0) - z t + log1p(exp(-|z|)), z = prediction (logit), t = target in 0...1
  CK_SQUARED_ERROR,  // (p - t)^2
} ck_loss;

// Per row: out[r] = sum over columns of the loss. The caller scales.
typedef struct ck_loss_shape {
  ck_loss loss;
  int32_t rows, columns;
} ck_loss_shape;

// --- matrix products and convolution
// ---------------------------------------------------------------------------------

// The arithmetic of the products that a matrix product or convolution sums. CK_BFLOAT16 rounds both
// factors; sums, biases and results are float32 all the same. See ck_kernels.h.
typedef enum ck_precision { CK_FLOAT32 = 0, CK_BFLOAT16 } ck_precision;

// C[b] = activation(op(A[b]) op(B[b]) (+ C[b] if accumulate) + bias), op(A) is m x k, op(B) is k x
// n, bias has n entries. lda, ldb, ldc: elements between rows as stored. A batch stride of 0
// repeats that operand.
typedef struct ck_gemm_shape {
  int32_t batch, m, n, k;
  int32_t transpose_a, transpose_b;  // 1: A is stored [k, m]; B is stored [n, k]
  int32_t lda, ldb, ldc;
  int32_t batch_stride_a, batch_stride_b, batch_stride_c;
  int32_t accumulate;
  ck_activation activation;
  float slope;
  ck_precision precision;
} ck_gemm_shape;

// x [n, h, w, c], filter [oc, kh, kw, c / groups], y [n, oh, ow, oc].
// y[oy] reads x[oy * stride + tap * dilation - pad]; what lies outside x is zero, so padding below
// and to the right is whatever oh and ow imply. groups divides c and oc.
typedef struct ck_conv2d_shape {
  int32_t n, h, w, c;
  int32_t oh, ow, oc;
  int32_t kh, kw;
  int32_t stride_h, stride_w, pad_top, pad_left, dilation_h, dilation_w, groups;
  ck_activation activation;  // of conv2d (channels oc) and conv2d_input_gradient (channels c) alone
  float slope;
  ck_precision precision;
} ck_conv2d_shape;

// --- pictures
// --------------------------------------------------------------------------------------------------------

typedef struct ck_pool2d_shape {
  int32_t n, h, w, c, oh, ow, kh, kw, stride_h, stride_w, pad_top, pad_left;
  int32_t count_padding;  // average pooling: 1 divides by kh * kw, 0 by the taps inside the picture
} ck_pool2d_shape;

typedef enum ck_resize_mode { CK_NEAREST = 0, CK_BILINEAR } ck_resize_mode;

// Half-pixel centres (align_corners false): source = (target + 0.5) * h / oh - 0.5; bilinear clamps
// at the edge, nearest takes floor((target + 0.5) * h / oh) computed in integers: ((2 t + 1) h) /
// (2 oh).
typedef struct ck_resize2d_shape {
  ck_resize_mode mode;
  int32_t n, h, w, c, oh, ow;
} ck_resize2d_shape;

// --- normalisation
// ---------------------------------------------------------------------------------------------------

// x viewed as [n, s, g, c]; statistics over s and c for each of the n * g groups; scale and shift
// have g * c entries.
//   batch norm    [1, N H W, C, 1]        instance norm  [N, H W, C, 1]
//   layer norm    [rows, 1, 1, columns]   group norm     [N, H W, G, C / G]
typedef struct ck_normalize_shape {
  int32_t n, s, g, c;
  float epsilon;
  int32_t fixed_statistics;  // 1: mean and variance are constants (evaluation), so backward does
                             // not go through them
} ck_normalize_shape;

// --- optimisers
// ------------------------------------------------------------------------------------------------------

// As PyTorch's SGD without dampening:
//   g' = gradient * gradient_scale + weight_decay * p
//   u = momentum * u + g'
//   p -= rate * (nesterov ? g' + momentum * u : u)
typedef struct ck_sgd_shape {
  int32_t count;
  float rate, momentum, weight_decay;
  int32_t nesterov;
  float ema_decay;
} ck_sgd_shape;

// Adam (Kingma and Ba 2015) or, decoupled, AdamW (Loshchilov and Hutter 2019):
//   g' = gradient * gradient_scale, + weight_decay * p unless decoupled
//   p -= rate * weight_decay * p, where decoupled
//   m = beta1 m + (1 - beta1) g'
//   v = beta2 v + (1 - beta2) g'^2
//   p -= rate * (m / correction1) / (sqrt(v / correction2) + epsilon)
//   correction_i = 1 - beta_i^t
typedef struct ck_adam_shape {
  int32_t count;
  float rate, beta1, beta2, epsilon, weight_decay;
  int32_t decoupled;
  float correction1, correction2;
  float ema_decay;
} ck_adam_shape;

// --- randomness
// ------------------------------------------------------------------------------------------------------

typedef enum ck_distribution { CK_UNIFORM = 0, CK_NORMAL, CK_BERNOULLI } ck_distribution;

// out [rows, columns]: row r belongs to example examples[r] (or first_example + r without that
// array) and its elements depend on (seed, stream, step, example, column) alone. Philox 4x32-10
// (Salmon et al. 2011): key = (seed_low, seed_high), counter = (column / 4, example, step, stream);
// word column % 4 of the block is the element's. Uniform: (word >> 8) * 2^-24 in [0, 1). Bernoulli:
// uniform < probability. Normal: see random/philox.inc.
typedef struct ck_random_shape {
  ck_distribution distribution;
  int32_t rows, columns;
  uint32_t seed_low, seed_high, stream, step;
  int32_t first_example;
  float probability;
} ck_random_shape;
