// The kernel texts, embedded, so that the program needs no files beside it.
#include "COpenCLKernels.h"

static const char shapes[] = {
#embed "../cpu/include/ck_shapes.h" suffix(, )
    0};
static const char common[] = {
#embed "kernels/common.cl" suffix(, )
    0};
static const char math[] = {
#embed "../cpu/elementwise/math.inc" suffix(, )
    0};
static const char piecewise[] = {
#embed "../cpu/elementwise/activations.inc" suffix(, )
    0};
static const char activation[] = {
#embed "kernels/activation.cl" suffix(, )
    0};
static const char elementwise[] = {
#embed "kernels/elementwise.cl" suffix(, )
    0};
static const char movement[] = {
#embed "kernels/movement.cl" suffix(, )
    0};
static const char lanes[] = {
#embed "kernels/lanes.cl" suffix(, )
    0};
static const char reduction[] = {
#embed "kernels/reduction.cl" suffix(, )
    0};
static const char softmax[] = {
#embed "kernels/softmax.cl" suffix(, )
    0};
static const char loss[] = {
#embed "kernels/loss.cl" suffix(, )
    0};
static const char place[] = {
#embed "kernels/place.cl" suffix(, )
    0};
static const char gemm[] = {
#embed "kernels/gemm.cl" suffix(, )
    0};
static const char convolution[] = {
#embed "kernels/convolution.cl" suffix(, )
    0};
static const char matrix_units[] = {
#embed "kernels/matrix_units.cl" suffix(, )
    0};
static const char staging[] = {
#embed "kernels/staging.cl" suffix(, )
    0};
static const char product[] = {
#embed "kernels/product.cl" suffix(, )
    0};
static const char winograd[] = {
#embed "kernels/winograd.cl" suffix(, )
    0};
static const char transform_lines[] = {
#embed "../cpu/convolution/transform_lines.inc" suffix(, )
    0};
static const char winograd_squares[] = {
#embed "kernels/winograd_squares.cl" suffix(, )
    0};
static const char picture[] = {
#embed "kernels/picture.cl" suffix(, )
    0};
static const char normalisation[] = {
#embed "kernels/normalisation.cl" suffix(, )
    0};
static const char optimiser[] = {
#embed "kernels/optimiser.cl" suffix(, )
    0};
static const char normal_table[] = {
#embed "kernels/normal_table.cl" suffix(, )
#embed "../cpu/random/ck_normal_table.h" suffix(, )
    '}', ';', '\n', 0};
static const char philox[] = {
#embed "../cpu/random/philox.inc" suffix(, )
    0};
static const char random_numbers[] = {
#embed "kernels/random.cl" suffix(, )
    0};

const char *ck_opencl_source(ck_opencl_text text) {
  switch (text) {
    case CK_TEXT_SHAPES:
      return shapes;
    case CK_TEXT_COMMON:
      return common;
    case CK_TEXT_MATH:
      return math;
    case CK_TEXT_PIECEWISE:
      return piecewise;
    case CK_TEXT_ACTIVATION:
      return activation;
    case CK_TEXT_ELEMENTWISE:
      return elementwise;
    case CK_TEXT_MOVEMENT:
      return movement;
    case CK_TEXT_LANES:
      return lanes;
    case CK_TEXT_REDUCTION:
      return reduction;
    case CK_TEXT_SOFTMAX:
      return softmax;
    case CK_TEXT_LOSS:
      return loss;
    case CK_TEXT_PLACE:
      return place;
    case CK_TEXT_GEMM:
      return gemm;
    case CK_TEXT_CONVOLUTION:
      return convolution;
    case CK_TEXT_MATRIX_UNITS:
      return matrix_units;
    case CK_TEXT_STAGING:
      return staging;
    case CK_TEXT_PRODUCT:
      return product;
    case CK_TEXT_WINOGRAD:
      return winograd;
    case CK_TEXT_TRANSFORM_LINES:
      return transform_lines;
    case CK_TEXT_WINOGRAD_SQUARES:
      return winograd_squares;
    case CK_TEXT_PICTURE:
      return picture;
    case CK_TEXT_NORMALISATION:
      return normalisation;
    case CK_TEXT_OPTIMISER:
      return optimiser;
    case CK_TEXT_NORMAL_TABLE:
      return normal_table;
    case CK_TEXT_PHILOX:
      return philox;
    case CK_TEXT_RANDOM:
      return random_numbers;
  }
  return "";
}
