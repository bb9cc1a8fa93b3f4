// Packing operands of float32 as pairs of bfloat16 factors. Matrices are read where they are; what
// has to be found element by element is packed as float32 first, a little at a time.
#include "gemm/bfloat16.h"
#include "sizes.h"

#include <string.h>

// What is staged stays in the first-level or second-level cache until it is converted.
#define STAGED_ROWS 16
#define STAGED_DEPTH 32
#define STAGED_COLUMNS 512
#define TRANSPOSED_DEPTH 256

static_assert(STAGED_DEPTH * STAGED_COLUMNS <= CK_BFLOAT16_STAGING, "b fits");

int ck_bfloat16_floats(const ck_bfloat16 *way, int depth) {
  return multiple_up(quotient_up(depth, 2), way->pairs) * way->pair;
}

// Floats that a depth fills of those.
static int filled_floats(const ck_bfloat16 *way, int depth) {
  return quotient_up(depth, 2) * way->pair;
}

static void clear_rows(float *out, ptrdiff_t step, int rows, int floats) {
  if (floats > 0)
    for (int r = 0; r < rows; r++) memset(out + r * step, 0, (size_t)floats * sizeof(float));
}

// Rows of an a whose rows lie across its memory, where the block wants them along it.
static void pack_across(const ck_tiles *tiles, const ck_bfloat16 *way, const float *x,
                        ptrdiff_t column_step, int rows, int depth, float *out, ptrdiff_t out_step,
                        float *staging) {
  const int step = multiple_up(rows, 16) + 16;
  for (int p = 0; p < depth; p += TRANSPOSED_DEPTH) {
    const int some = smaller(depth - p, TRANSPOSED_DEPTH);
    way->pack_columns(x + p * column_step, column_step, some, rows, staging, step);
    tiles->transpose(staging, step, filled_floats(way, some), rows, out + filled_floats(way, p),
                     out_step);
  }
}

void ck_bfloat16_pack_a(const ck_tiles *tiles, const ck_bfloat16 *way, const ck_operand *a, int row,
                        int rows, int depth_start, int depth, float *out, ptrdiff_t out_step,
                        float *staging) {
  const int filled = filled_floats(way, depth);
  clear_rows(out + filled, out_step, rows, ck_bfloat16_floats(way, depth) - filled);
  if (a->kind == CK_MATRIX) {
    const float *x = a->x + row * a->row_step + depth_start * a->column_step;
    if (a->column_step == 1)
      way->pack_rows(x, a->row_step, rows, depth, out, out_step);
    else if (way->a_by_rows)
      pack_across(tiles, way, x, a->column_step, rows, depth, out, out_step, staging);
    else
      way->pack_columns(x, a->column_step, depth, rows, out, out_step);
    return;
  }
  if (way->gather && a->patches.channels % 2 == 0) {
    way->gather(&a->patches, row, rows, depth_start, depth, out, out_step);
    return;
  }
  const int step = multiple_up(depth, 16) + 16;
  for (int r = 0; r < rows; r += STAGED_ROWS) {
    const int some = smaller(rows - r, STAGED_ROWS);
    tiles->gather(&a->patches, row + r, some, depth_start, depth, depth, staging, step, 0);
    way->pack_rows(staging, step, some, depth, out + r * out_step, out_step);
  }
}

// Panels of a matrix whose columns lie along its depth.
static void pack_transposed(const ck_tiles *tiles, const ck_bfloat16 *way, const float *x,
                            ptrdiff_t column_step, int depth, int columns, float *out,
                            float *staging) {
  const int width = tiles->columns;
  for (int p = 0; p < depth; p += TRANSPOSED_DEPTH) {
    const int some = smaller(depth - p, TRANSPOSED_DEPTH), floats = filled_floats(way, some);
    const int step = multiple_up(floats, 16) + 16;
    way->pack_rows(x + p, column_step, columns, some, staging, step);
    tiles->transpose(staging, step, columns, floats, out + filled_floats(way, p) * width, width);
  }
}

void ck_bfloat16_pack_b(const ck_tiles *tiles, const ck_bfloat16 *way, const ck_operand *b,
                        int depth_start, int depth, int column_start, int column_end, float *out,
                        float *staging) {
  const int width = tiles->columns;
  const int floats = ck_bfloat16_floats(way, depth), filled = filled_floats(way, depth);
  const ptrdiff_t panel = (ptrdiff_t)floats * width;
  for (int column = column_start, i = 0; column < column_end; column += width, i++)
    clear_rows(out + i * panel + (ptrdiff_t)filled * width, width, floats - filled, width);
  if (b->kind == CK_MATRIX) {
    for (int column = column_start; column < column_end; column += width, out += panel) {
      const int columns = smaller(width, column_end - column);
      const float *x = b->x + depth_start * b->row_step + column * b->column_step;
      if (b->column_step == 1)
        way->pack_columns(x, b->row_step, depth, columns, out, width);
      else
        pack_transposed(tiles, way, x, b->column_step, depth, columns, out, staging);
    }
    return;
  }
  for (int start = column_start; start < column_end; start += STAGED_COLUMNS) {
    const int end = smaller(start + STAGED_COLUMNS, column_end);
    for (int p = 0; p < depth; p += STAGED_DEPTH) {
      const int some = smaller(depth - p, STAGED_DEPTH);
      ck_pack_b(tiles, b, depth_start + p, depth_start + p + some, start, end, staging);
      for (int column = start; column < end; column += width)
        way->pack_columns(staging + (ptrdiff_t)(column - start) * some, width, some,
                          smaller(width, end - column),
                          out + (column - column_start) / width * panel +
                              (ptrdiff_t)filled_floats(way, p) * width,
                          width);
    }
  }
}
