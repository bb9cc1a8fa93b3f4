#include "ck_kernels.h"

// About as long as a chain may get before its rounding shows beside that of the products it feeds.
#define POSITIONS_PER_PART 1024
#define MOST_PARTS 64

ck_position_parts ck_filter_gradient_parts(const ck_conv2d_shape *s) {
  const int positions = s->n * s->oh * s->ow;
  const int filter = s->oc * s->kh * s->kw * (s->c / s->groups);
  // The sums of all parts are kept side by side in the shared scratch memory.
  const int room = filter ? (int)(CK_SCRATCH_BYTES / sizeof(float)) / filter : MOST_PARTS;
  int count = (positions + POSITIONS_PER_PART - 1) / POSITIONS_PER_PART;
  if (count > MOST_PARTS) count = MOST_PARTS;
  if (count > room) count = room;
  if (count < 1) count = 1;
  const int length = (positions + count - 1) / count;
  // Rounding up may leave the last parts empty.
  return (ck_position_parts){.count = length ? (positions + length - 1) / length : 1,
                             .length = length};
}
