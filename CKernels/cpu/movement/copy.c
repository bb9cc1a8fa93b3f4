// Strided copies. Axes are sorted by their step in the target and merged where both sides allow, so
// what is left is one of two things: rows (contiguous or not), or a matrix whose transpose is
// contiguous.
#include <string.h>
#include "ck_kernels.h"
#include "ranges.h"

typedef struct axis {
  int64_t size, source, target;  // strides in elements
} axis;

// inner: the axis with the smallest step in the target. across: the one along which the source is
// contiguous when inner is not, or an axis of size 1. outer: the others.
typedef struct copy_plan {
  int bytes, rank;
  axis outer[CK_MAX_RANK], inner, across;
  int64_t pieces, piece, stripes, stripe;  // of inner and of across
  const char *source;
  char *target;
} copy_plan;

static int64_t magnitude(int64_t x) { return x < 0 ? -x : x; }

// Leaves axes of size 1 out, sorts and merges; returns the rank.
static int simplify(const ck_copy_shape *s, axis *axes) {
  int rank = 0;
  for (int d = 0; d < s->rank; d++) {
    if (s->size[d] == 1) continue;
    const axis a = {s->size[d], s->source_stride[d], s->target_stride[d]};
    int at = rank++;
    for (; at > 0 && magnitude(axes[at - 1].target) < magnitude(a.target); at--)
      axes[at] = axes[at - 1];
    axes[at] = a;
  }
  int merged = 0;
  for (int d = 1; d < rank; d++) {
    axis *outer = &axes[merged], inner = axes[d];
    if (outer->source == inner.source * inner.size && outer->target == inner.target * inner.size)
      *outer = (axis){outer->size * inner.size, inner.source, inner.target};
    else
      axes[++merged] = inner;
  }
  return rank == 0 ? 0 : merged + 1;
}

#define ELEMENT uint16_t
#define ROWS copy_rows_2
#define TRANSPOSE transpose_2
#define SQUARE square_2
#include "movement/copy.inc"
#define ELEMENT uint32_t
#define ROWS copy_rows_4
#define TRANSPOSE transpose_4
#define SQUARE square_4
#include "movement/copy.inc"
#define ELEMENT uint64_t
#define ROWS copy_rows_8
#define TRANSPOSE transpose_8
#define SQUARE square_8
#include "movement/copy.inc"

static void copy_piece(const copy_plan *p, int64_t source, int64_t target, int64_t piece,
                       int64_t stripe) {
  const int64_t first = piece * p->piece, count = ck_min(p->piece, p->inner.size - first);
  const int64_t top = stripe * p->stripe, rows = ck_min(p->stripe, p->across.size - top);
  source += first * p->inner.source + top * p->across.source;
  target += first * p->inner.target + top * p->across.target;
  const char *from = p->source + source * p->bytes;
  char *to = p->target + target * p->bytes;
  const int transposed = p->across.size > 1;
  if (p->bytes == 2)
    (transposed ? transpose_2 : copy_rows_2)(p, from, to, count, rows);
  else if (p->bytes == 4)
    (transposed ? transpose_4 : copy_rows_4)(p, from, to, count, rows);
  else
    (transposed ? transpose_8 : copy_rows_8)(p, from, to, count, rows);
}

// Items are pieces of rows: [outer axes][stripes][pieces].
static void copy_range(void *context, int64_t begin, int64_t end, void *scratch) {
  const copy_plan *p = context;
  int64_t index[CK_MAX_RANK], source = 0, target = 0;
  int64_t piece = begin % p->pieces, stripe = begin / p->pieces % p->stripes;
  int64_t rest = begin / (p->pieces * p->stripes);
  for (int d = p->rank - 1; d >= 0; d--) {
    index[d] = rest % p->outer[d].size;
    rest /= p->outer[d].size;
    source += index[d] * p->outer[d].source;
    target += index[d] * p->outer[d].target;
  }
  for (int64_t item = begin; item < end; item++) {
    copy_piece(p, source, target, piece, stripe);
    if (++piece < p->pieces) continue;
    piece = 0;
    if (++stripe < p->stripes) continue;
    stripe = 0;
    for (int d = p->rank - 1; d >= 0; d--) {
      const axis *a = &p->outer[d];
      source += a->source, target += a->target;
      if (++index[d] < a->size) break;
      source -= a->size * a->source, target -= a->size * a->target;
      index[d] = 0;
    }
  }
}

void ck_copy(const ck_copy_shape *s, const void *source, void *target, ck_pool *pool) {
  axis axes[CK_MAX_RANK];
  for (int d = 0; d < s->rank; d++)
    if (s->size[d] <= 0) return;
  copy_plan p = {.bytes = s->element_bytes, .source = source, .target = target};
  const int rank = simplify(s, axes);
  p.inner = rank > 0 ? axes[rank - 1] : (axis){1, 1, 1};
  p.across = (axis){1, 0, 0};
  for (int d = 0; d < rank - 1; d++) {
    if (axes[d].source == 1 && p.inner.source != 1 && p.inner.source != 0)
      p.across = axes[d];
    else
      p.outer[p.rank++] = axes[d];
  }
  p.stripe = ck_min(p.across.size, 64);
  p.piece = ck_min(p.inner.size, p.across.size > 1 ? 256 : CK_CHUNK);
  p.pieces = (p.inner.size + p.piece - 1) / p.piece;
  p.stripes = (p.across.size + p.stripe - 1) / p.stripe;
  int64_t items = p.pieces * p.stripes;
  for (int d = 0; d < p.rank; d++) items *= p.outer[d].size;
  ck_run(pool, items, p.piece * p.stripe, copy_range, &p);
}
