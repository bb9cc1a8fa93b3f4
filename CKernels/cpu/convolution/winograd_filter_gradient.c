// The filter gradient by Winograd's algorithm: for every point a product over tiles of transformed
// gradients and transformed pixels, [outputs, tiles] x [tiles, depth].
//
// Few channels make a short depth: then the product is turned round, [depth, tiles] x [tiles,
// outputs], so that vectors run along the outputs.
#include <string.h>

#include "convolution/add_parts.h"
#include "convolution/winograd_pixels.h"
#include "convolution/winograd_run.h"
#include "sizes.h"

// A chunk makes the gradients of so many outputs by so much of the depth, and transforms so many
// tiles at a time: together less than the scratch memory.
#define OUTPUTS 128
#define DEPTH 128
#define TILES 96

_Static_assert(CK_WINOGRAD_MOST_POINTS * CK_WINOGRAD_MOST_POINTS *
                       ((OUTPUTS + TILES) * (DEPTH + 16) + TILES * (OUTPUTS + 16) + 3 * 16) <=
                   CK_SCRATCH_BYTES / sizeof(float),
               "the scratch memory holds a chunk");

typedef struct job {
  const ck_tiles *tiles;
  const ck_winograd *w;
  const float *x, *dy;
  void (*const *transforms)(const ck_transform *);
  int points;  // along one axis
  bool turned;
  ck_winograd_parts parts;
  int slabs_o, slabs_d;  // of outputs and depth
  ptrdiff_t filter;      // elements of the filter
  float *sums;           // [parts, filter]
  float *dfilter;
} job;

// What a chunk makes: outputs o..<o + outputs by d..<d + depth.
typedef struct slab {
  int o, outputs, d, depth;
  // Transformed [points^2, tiles, step] each, and the sums of their products: [points^2, outputs,
  // step_d], or turned, [points^2, depth, step_o].
  float *gradients, *pixels, *sums;
  ptrdiff_t step_o, step_d;
} slab;

static void transform_gradients(const job *job, const slab *slab, int first, int tiles) {
  const int points = job->points;
  const ptrdiff_t plane = ck_spread(tiles * slab->step_o);
  ck_transform t = {.rows = points,
                    .columns = points,
                    .out_h = points * plane,
                    .out_w = plane,
                    .count = slab->outputs};
  for (int i = 0; i < tiles; i++) {
    const ck_winograd_tile tile = ck_winograd_tile_at(job->w, first + i);
    ck_winograd_read_outputs(job->w, tile, slab->o, job->dy, &t);
    t.out = slab->gradients + i * slab->step_o;
    job->transforms[CK_OF_GRADIENTS](&t);
  }
}

static void transform_pixels(const job *job, const slab *slab, int first, int tiles) {
  const int points = job->points, channels = job->w->channels;
  const ptrdiff_t plane = ck_spread(tiles * slab->step_d);
  ck_transform t = {.rows = points, .columns = points, .out_h = points * plane, .out_w = plane};
  for (int i = 0; i < tiles; i++) {
    const ck_winograd_tile tile = ck_winograd_tile_at(job->w, first + i);
    float *out = slab->pixels + i * slab->step_d;
    if (job->slabs_d == 1) {
      ck_transform_pixels(job->tiles, job->w, tile, job->x, out, t.out_h, t.out_w);
      continue;
    }
    for (int d = slab->d; d < slab->d + slab->depth; d += t.count) {
      const int channel = d % channels;
      t.count = smaller(channels - channel, slab->d + slab->depth - d);
      ck_winograd_read_inputs(job->w, tile, d / channels, channel, job->x, &t);
      t.out = out + (d - slab->d);
      job->transforms[CK_OF_INPUTS](&t);
    }
  }
}

static void multiply(const job *job, const slab *slab, int tiles, bool accumulate) {
  const ptrdiff_t plane_o = ck_spread(tiles * slab->step_o);
  const ptrdiff_t plane_d = ck_spread(tiles * slab->step_d);
  const ptrdiff_t row = job->turned ? slab->step_o : slab->step_d;
  float *rows[OUTPUTS > DEPTH ? OUTPUTS : DEPTH];
  ck_block block = {.rows = job->turned ? slab->depth : slab->outputs,
                    .columns = job->turned ? slab->outputs : slab->depth,
                    .depth = tiles,
                    .a_row = 1,
                    .a_column = job->turned ? slab->step_d : slab->step_o,
                    .b_row = row,
                    .b_panel = job->tiles->columns,
                    .c = rows,
                    .accumulate = accumulate};
  const ptrdiff_t sum_plane = ck_spread(block.rows * row);
  for (int k = 0; k < job->points * job->points; k++) {
    const float *gradients = slab->gradients + k * plane_o, *pixels = slab->pixels + k * plane_d;
    for (int i = 0; i < block.rows; i++) rows[i] = slab->sums + k * sum_plane + i * row;
    block.a = job->turned ? pixels : gradients;
    block.b = job->turned ? gradients : pixels;
    job->tiles->block(&block);
  }
}

static void write_filters(const job *job, const slab *slab, float *out) {
  const ck_winograd *w = job->w;
  const ptrdiff_t plane = ck_spread(slab->outputs * slab->step_d);
  ck_transform t = {.x = slab->sums,
                    .x_h = job->points * plane,
                    .x_w = plane,
                    .bottom = job->points,
                    .right = job->points,
                    .out_h = w->tap_h,
                    .out_w = w->tap_w,
                    .rows = w->taps,
                    .columns = w->taps};
  for (int o = 0; o < slab->outputs; o++)
    for (int d = slab->d; d < slab->d + slab->depth; d += t.count) {
      const int channel = d % w->channels;
      t.count = smaller(w->channels - channel, slab->d + slab->depth - d);
      t.first = o * slab->step_d + (d - slab->d);
      t.out = out + ck_winograd_filter_at(w, d / w->channels, channel, slab->o + o);
      job->transforms[CK_TO_FILTERS](&t);
    }
}

// The same from turned sums: taps are made for all outputs at a time, [kh kw c, step_o], and then
// change places with them.
static void write_turned_filters(const job *job, const slab *slab, float *out) {
  const ck_winograd *w = job->w;
  const ptrdiff_t plane = ck_spread(slab->depth * slab->step_o);
  float *filters = slab->gradients;  // no longer needed
  ck_transform t = {.x = slab->sums,
                    .x_h = job->points * plane,
                    .x_w = plane,
                    .bottom = job->points,
                    .right = job->points,
                    .out_h = w->tap_h * slab->step_o,
                    .out_w = w->tap_w * slab->step_o,
                    .rows = w->taps,
                    .columns = w->taps,
                    .count = slab->outputs};
  for (int d = 0; d < slab->depth; d++) {
    t.first = d * slab->step_o;
    t.out = filters + ck_winograd_filter_at(w, d / w->channels, d % w->channels, 0) * slab->step_o;
    job->transforms[CK_TO_FILTERS](&t);
  }
  job->tiles->transpose(filters, slab->step_o, (int)w->output, slab->outputs,
                        out + slab->o * w->output, w->output);
}

// One part's gradients of one slab.
static void sum_part(void *context, int chunk, void *scratch) {
  const job *job = context;
  const ck_winograd *w = job->w;
  const int depth = ck_winograd_depth(w), squares = job->points * job->points;
  const int slab_d = chunk % job->slabs_d, slab_o = chunk / job->slabs_d % job->slabs_o;
  const int part = chunk / job->slabs_d / job->slabs_o;
  slab slab = {.o = part_start(w->outputs, job->slabs_o, slab_o),
               .d = part_start(depth, job->slabs_d, slab_d)};
  slab.outputs = part_start(w->outputs, job->slabs_o, slab_o + 1) - slab.o;
  slab.depth = part_start(depth, job->slabs_d, slab_d + 1) - slab.d;
  slab.step_o = ck_spread(slab.outputs);
  slab.step_d = ck_spread(larger(slab.depth, CK_JOINED_PHASES));
  slab.sums = scratch;
  slab.pixels = slab.sums + squares * (job->turned ? ck_spread(slab.depth * slab.step_o)
                                                   : ck_spread(slab.outputs * slab.step_d));
  slab.gradients = slab.pixels + squares * ck_spread(TILES * slab.step_d);

  const int start = part * job->parts.length;
  const int tiles = smaller(ck_winograd_all_tiles(w) - start, job->parts.length);
  const int blocks = quotient_up(tiles, TILES);
  // The first block begins the sums; of no pictures there is none.
  if (blocks == 0) memset(slab.sums, 0, (size_t)(slab.pixels - slab.sums) * sizeof(float));
  for (int i = 0; i < blocks; i++) {
    const int first = part_start(tiles, blocks, i),
              count = part_start(tiles, blocks, i + 1) - first;
    transform_gradients(job, &slab, start + first, count);
    transform_pixels(job, &slab, start + first, count);
    multiply(job, &slab, count, i > 0);
  }
  float *out = job->sums + part * job->filter;
  if (job->turned)
    write_turned_filters(job, &slab, out);
  else
    write_filters(job, &slab, out);
}

void ck_run_winograd_filter_gradient(const ck_tiles *tiles, const ck_winograd *w, const float *x,
                                     const float *dy, float *dfilter, ck_pool *pool) {
  const int depth = ck_winograd_depth(w);
  job job = {.tiles = tiles,
             .w = w,
             .x = x,
             .dy = dy,
             .transforms = (*tiles->transforms)[w->taps - 2],
             .points = ck_winograd_points(w),
             .turned = ck_winograd_joins_phases(w),
             .parts = ck_parts_of_winograd(w),
             .slabs_o = quotient_up(w->outputs, OUTPUTS),
             .slabs_d = quotient_up(depth, DEPTH),
             .filter = (ptrdiff_t)w->taps * w->taps * depth * w->outputs,
             .dfilter = dfilter};
  const bool whole = job.parts.count == 1;
  job.sums = whole ? dfilter : ck_pool_shared_scratch(pool);
  ck_pool_run(pool, job.parts.count * job.slabs_o * job.slabs_d, sum_part, &job);
  if (!whole) ck_add_parts(job.sums, job.parts.count, job.filter, dfilter, pool);
}
