// Winograd's algorithm on the tiles of an instruction set: one product per point for a block of
// tiles, whose transformed pixels and sums stay in the second-level cache.
#include "convolution/winograd.h"

#include "convolution/winograd_pixels.h"
#include "convolution/winograd_run.h"
#include "sizes.h"

#define SCRATCH_FLOATS ((int)(CK_SCRATCH_BYTES / sizeof(float)))
// Transformed pixels of a block take about so many floats.
#define BLOCK_FLOATS (160 * 1024)
#define FEWEST_TILES 14
#define MOST_TILES 28
// Sums are made for so many columns at a time.
#define SUM_COLUMNS 64
#define FEWEST_CHUNKS 8
// Filters are transformed for so many channels at a time.
#define FILTER_RUN 64

#define MOST_SQUARES (CK_WINOGRAD_MOST_POINTS * CK_WINOGRAD_MOST_POINTS)
_Static_assert(MOST_SQUARES *(FEWEST_TILES *(CK_WINOGRAD_MOST_DEPTH + 16) + 16) +
                       MOST_SQUARES * (MOST_TILES * SUM_COLUMNS + 16) <=
                   SCRATCH_FLOATS,
               "the scratch memory holds the deepest block and its sums");
_Static_assert(MOST_SQUARES *(CK_WINOGRAD_MOST_DEPTH *SUM_COLUMNS / 2 + 16) <= SCRATCH_FLOATS,
               "the shared scratch memory holds the deepest panel of filters");

typedef struct job {
  const ck_tiles *tiles;
  const ck_winograd *w;
  const float *x, *filter, *bias;
  float *y;
  ck_activation activation;
  float slope;
  void (*const *transforms)(const ck_transform *);
  int points, depth;  // points: along one axis
  // Steps: between tiles of transformed pixels; from point to point of transformed filters.
  ptrdiff_t row, filter_plane;
  int blocks, parts;  // of tiles; of the slab's columns
  // The outputs whose transformed filters are at hand: panels [points^2, depth, tiles->columns].
  int column_start, column_end;
  float *filters;
} job;

// Transforms the taps of one phase, `channels` channels and `columns` outputs, into a panel.
static void transform_filters(const job *job, int phase, int channel, int channels, int column,
                              int columns, float *out, float *scratch) {
  const ck_winograd *w = job->w;
  const int points = job->points, width = job->tiles->columns;
  const ptrdiff_t plane = job->filter_plane;
  ck_transform t = {.x = job->filter,
                    .x_h = w->tap_h,
                    .x_w = w->tap_w,
                    .bottom = w->taps,
                    .right = w->taps,
                    .rows = points,
                    .columns = points};
  if (w->output == 1) {
    t.out_h = points * plane, t.out_w = plane, t.count = columns;
    for (int c = 0; c < channels; c++) {
      t.first = ck_winograd_filter_at(w, phase, channel + c, column);
      t.out = out + c * width;
      job->transforms[CK_OF_FILTERS](&t);
    }
    return;
  }
  // Outputs are brought side by side, as a panel has them, before the taps become more.
  const ptrdiff_t square = ck_spread(width * FILTER_RUN);
  const float *taps = job->filter + ck_winograd_filter_at(w, phase, channel, column);
  for (int i = 0; i < w->taps; i++)
    for (int j = 0; j < w->taps; j++)
      job->tiles->transpose(taps + i * w->tap_h + j * w->tap_w, w->output, columns, channels,
                            scratch + (i * w->taps + j) * square, width);
  t.x = scratch, t.first = 0, t.x_h = w->taps * square, t.x_w = square;
  t.out = out, t.out_h = points * plane, t.out_w = plane, t.count = channels * width;
  job->transforms[CK_OF_FILTERS](&t);
}

// One panel's share of some of the depth.
static void pack_filters(void *context, int chunk, void *scratch) {
  const job *job = context;
  const int width = job->tiles->columns, runs = quotient_up(job->depth, FILTER_RUN);
  const int panel = chunk / runs, column = job->column_start + panel * width;
  const int columns = smaller(job->column_end - column, width);
  const int channels = job->w->channels;
  float *out = job->filters + panel * job->points * job->points * job->filter_plane;
  const int end = smaller((chunk % runs + 1) * FILTER_RUN, job->depth);
  for (int d = chunk % runs * FILTER_RUN; d < end;) {
    const int channel = d % channels, count = smaller(channels - channel, end - d);
    transform_filters(job, d / channels, channel, count, column, columns, out + d * width, scratch);
    d += count;
  }
}

// Sums of some columns of a block, transformed back into the results.
static void write_outputs(const job *job, int first_tile, int tiles, int column, int columns,
                          const float *sums) {
  const ck_winograd *w = job->w;
  const ptrdiff_t plane = ck_spread(tiles * SUM_COLUMNS);
  const bool is_simple = job->activation <= CK_ACT_LEAKY_RELU;
  ck_transform t = {.x = sums,
                    .x_h = job->points * plane,
                    .x_w = plane,
                    .bottom = job->points,
                    .right = job->points,
                    .count = columns,
                    .bias = job->bias ? job->bias + column : NULL,
                    .activation = is_simple ? job->activation : CK_NO_ACTIVATION,
                    .slope = job->slope};
  for (int i = 0; i < tiles; i++) {
    t.first = (ptrdiff_t)i * SUM_COLUMNS;
    ck_winograd_write_outputs(w, ck_winograd_tile_at(w, first_tile + i), column, job->y, &t);
    job->transforms[CK_TO_OUTPUTS](&t);
    if (is_simple) continue;
    for (int r = 0; r < t.rows; r++)
      for (int c = 0; c < t.columns; c++)
        job->tiles->activate(job->activation, job->slope, t.out + r * t.out_h + c * t.out_w,
                             columns);
  }
}

// A block of tiles, for a part of the slab's columns.
static void correlate_block(void *context, int chunk, void *scratch) {
  const job *job = context;
  const ck_winograd *w = job->w;
  const int all = ck_winograd_all_tiles(w), points = job->points, width = job->tiles->columns;
  const int block = chunk / job->parts, part = chunk % job->parts;
  const int first = part_start(all, job->blocks, block);
  const int tiles = part_start(all, job->blocks, block + 1) - first;

  float *pixels = scratch;
  const ptrdiff_t plane = ck_spread(tiles * job->row), sum_plane = ck_spread(tiles * SUM_COLUMNS);
  for (int i = 0; i < tiles; i++)
    ck_transform_pixels(job->tiles, w, ck_winograd_tile_at(w, first + i), job->x,
                        pixels + i * job->row, points * plane, plane);

  float *sums = pixels + points * points * plane;
  const int groups = quotient_up(job->column_end - job->column_start, SUM_COLUMNS);
  const int end = part_start(groups, job->parts, part + 1);
  for (int group = part_start(groups, job->parts, part); group < end; group++) {
    const int column = group * SUM_COLUMNS;
    const int columns = smaller(job->column_end - job->column_start - column, SUM_COLUMNS);
    const ptrdiff_t panel = points * points * job->filter_plane;
    float *rows[MOST_TILES];
    for (int k = 0; k < points * points; k++) {
      for (int i = 0; i < tiles; i++) rows[i] = sums + k * sum_plane + i * SUM_COLUMNS;
      job->tiles->block(&(ck_block){
          .rows = tiles,
          .columns = columns,
          .depth = job->depth,
          .a = pixels + k * plane,
          .a_row = job->row,
          .a_column = 1,
          .b = job->filters + column / width * panel + k * job->filter_plane,
          .b_row = width,
          .b_panel = panel,
          .c = rows,
      });
    }
    write_outputs(job, first, tiles, job->column_start + column, columns, sums);
  }
}

// The step from point to point of transformed filters, in floats.
static ptrdiff_t filter_plane(const ck_tiles *tiles, const ck_winograd *w) {
  return ck_spread(ck_winograd_depth(w) * tiles->columns);
}

size_t ck_winograd_keeps(const ck_tiles *tiles, const ck_winograd *w) {
  const int points = ck_winograd_points(w), panels = quotient_up(w->outputs, tiles->columns);
  return sizeof(float) * panels * points * points * filter_plane(tiles, w);
}

void ck_run_winograd(const ck_tiles *tiles, const ck_winograd *w, const float *x,
                     const float *filter, const float *bias, ck_activation activation, float slope,
                     float *y, ck_kept *kept, ck_pool *pool) {
  const int all = ck_winograd_all_tiles(w);
  if (all == 0) return;
  job job = {.tiles = tiles,
             .w = w,
             .x = x,
             .filter = filter,
             .bias = bias,
             .y = y,
             .activation = activation,
             .slope = slope,
             .transforms = (*tiles->transforms)[w->taps - 2],
             .points = ck_winograd_points(w),
             .depth = ck_winograd_depth(w),
             .filters = kept ? kept->memory : ck_pool_shared_scratch(pool)};
  const int squares = job.points * job.points, width = tiles->columns;
  job.row = ck_spread(larger(job.depth, CK_JOINED_PHASES));
  job.filter_plane = filter_plane(tiles, w);
  const int fitting = (int)(BLOCK_FLOATS / (squares * job.row));
  job.blocks = quotient_up(all, larger(smaller(fitting, MOST_TILES), FEWEST_TILES));
  // Of few blocks one more than there are threads would take as long as another round of them.
  if (job.blocks < FEWEST_CHUNKS)
    job.blocks = smaller(multiple_up(job.blocks, ck_pool_threads(pool)), all);
  const int room = kept ? w->outputs : (int)(SCRATCH_FLOATS / (squares * job.filter_plane)) * width;
  for (int column = 0; column < w->outputs; column += room) {
    job.column_start = column;
    job.column_end = smaller(column + room, w->outputs);
    const int columns = job.column_end - column;
    job.parts = larger(1, smaller(FEWEST_CHUNKS / job.blocks, quotient_up(columns, SUM_COLUMNS)));
    if (!kept || !kept->is_filled)
      ck_pool_run(pool, quotient_up(columns, width) * quotient_up(job.depth, FILTER_RUN),
                  pack_filters, &job);
    ck_pool_run(pool, job.blocks * job.parts, correlate_block, &job);
  }
  if (kept) kept->is_filled = true;
}
