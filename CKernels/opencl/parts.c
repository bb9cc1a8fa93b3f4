#include "COpenCLKernels.h"

ck_opencl_parts ck_opencl_filter_gradient_parts(const ck_conv2d_shape *s) {
  const ck_position_parts parts = ck_filter_gradient_parts(s);
  return (ck_opencl_parts){.count = parts.count, .length = parts.length};
}
