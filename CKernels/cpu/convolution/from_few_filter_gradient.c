// The filter gradient of pictures with few channels: tiles have the taps of one row of the filter
// as rows and outputs as columns, and both the strips of pixels and dy are read where they are.
//   [taps_w c, positions] x [positions, oc]
#include "convolution/from_few_filter_gradient.h"

#include "convolution/patches.h"
#include "convolution/strips.h"
#include "sizes.h"

#define ROOM ((int64_t)(CK_SCRATCH_BYTES / sizeof(float)))
// Outputs of a chunk.
#define COLUMNS 64
// Elements of dy in a strip, per tap of a row: every row of taps reads them anew, from a cache that
// has to be the closer the fewer its taps are.
#define DY_FLOATS_PER_TAP (2 * 1024)
// So many taps of a row at a time.
#define MOST_TAPS 112

typedef struct job {
  const ck_tiles *tiles;
  const ck_conv2d_shape *shape;
  ck_patches patches;
  const float *dy;
  ck_position_parts parts;
  int column_parts, rows;  // of positions in a strip, at most
  float *sums;
} job;

// Adds positions of consecutive rows of one picture to sums [taps, columns]: from column
// `position % ow` to the end of each row, or, if it is one row, `length` positions. Returns how
// many there were.
static int add_rows(const job *job, int position, int length, int column, int columns,
                    bool accumulate, float *sums, float *room) {
  const ck_patches *s = &job->patches;
  const int picture = position / s->rows_w / s->rows_h, first = position / s->rows_w % s->rows_h;
  const int start = position % s->rows_w;
  const bool whole = start == 0 && length >= s->rows_w;
  const int rows = whole ? smaller(smaller(length / s->rows_w, s->rows_h - first), job->rows) : 1;
  const int width = whole ? s->rows_w : smaller(s->rows_w - start, length);
  const ck_strip strip = ck_make_strip(job->tiles, s, picture, first, rows, room);
  const int row = s->taps_w * s->channels;
  for (int tap = 0; tap < s->taps_h * row;) {
    const int y = tap / row, x = tap % row, taps = smaller(row - x, MOST_TAPS);
    float *starts[MOST_TAPS];
    for (int i = 0; i < taps; i++) starts[i] = sums + (ptrdiff_t)(tap + i) * COLUMNS;
    job->tiles->block(&(ck_block){
        .rows = taps,
        .columns = columns,
        .depth = width,
        .runs = rows,
        .a = strip.start + start * strip.column + y * strip.tap_row + x,
        .a_row = 1,
        .a_column = strip.column,
        .a_run = strip.row,
        .b = job->dy + (ptrdiff_t)position * job->shape->oc + column,
        .b_row = job->shape->oc,
        .b_panel = job->tiles->columns,
        .c = starts,
        .accumulate = accumulate,
    });
    tap += taps;
  }
  return rows * width;
}

// The sums of one part, for some of the outputs.
static void sum_part(void *context, int chunk, void *scratch) {
  const job *job = context;
  const ck_conv2d_shape *s = job->shape;
  const int part = chunk / job->column_parts, column = chunk % job->column_parts * COLUMNS;
  const int columns = smaller(s->oc - column, COLUMNS), taps = s->kh * s->kw * s->c;
  const int first = part * job->parts.length;
  const int last = smaller(first + job->parts.length, s->n * s->oh * s->ow);
  float *sums = scratch, *room = sums + (ptrdiff_t)taps * COLUMNS;
  for (int position = first; position < last;)
    position +=
        add_rows(job, position, last - position, column, columns, position > first, sums, room);
  job->tiles->transpose(sums, COLUMNS, taps, columns,
                        job->sums + ((ptrdiff_t)part * s->oc + column) * taps, taps);
}

bool ck_run_from_few_filter_gradient(const ck_tiles *tiles, const ck_conv2d_shape *s,
                                     const float *x, const float *dy, ck_position_parts parts,
                                     float *sums, ck_pool *pool) {
  const ck_operand patches = ck_patches_of(s, x, 0, 0);
  if (s->groups != 1 || patches.kind != CK_PATCHES || !ck_has_strips(&patches.patches) ||
      parts.length == 0 || s->oc == 0)
    return false;
  job job = {.tiles = tiles,
             .shape = s,
             .patches = patches.patches,
             .dy = dy,
             .parts = parts,
             .column_parts = quotient_up(s->oc, COLUMNS),
             .sums = sums};
  const int64_t dy_floats = (int64_t)DY_FLOATS_PER_TAP * s->kw * s->c;
  job.rows = (int)(dy_floats / ((int64_t)s->ow * smaller(s->oc, COLUMNS)));
  job.rows = larger(1, smaller(job.rows, s->oh));
  const int64_t taps = (int64_t)s->kh * s->kw * s->c * COLUMNS;
  if (taps + ck_strip_floats(&job.patches, job.rows) > ROOM) return false;
  ck_pool_run(pool, parts.count * job.column_parts, sum_part, &job);
  return true;
}
