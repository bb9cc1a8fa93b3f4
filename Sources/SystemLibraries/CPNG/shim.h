#include <png.h>

// Swift does not import macros that take arguments.
static inline size_t png_image_memory_bound(png_image image) {
  return PNG_IMAGE_PNG_SIZE_MAX(image);
}
