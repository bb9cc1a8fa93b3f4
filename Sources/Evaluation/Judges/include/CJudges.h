#ifndef ATELIER_JUDGES_H
#define ATELIER_JUDGES_H

#include <stddef.h>

/// A frozen classifier that comes with the program: the bytes of a safetensors file.
struct ckj_judge {
  const char *name;
  const unsigned char *bytes;
  size_t count;
};

/// The judges, the one that fd-f/v1 is measured by first, then the one that is only printed beside
/// it.
extern const struct ckj_judge ckj_judges[2];

#endif
