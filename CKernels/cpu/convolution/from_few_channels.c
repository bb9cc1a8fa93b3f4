// Correlations of pictures with few channels. Their depth is so short that packing patches would
// cost as much as multiplying them: tiles read them from strips instead, a row of the result at a
// time.
#include "convolution/correlations.h"
#include "convolution/strips.h"
#include "sizes.h"

#define ROOM ((int64_t)(CK_SCRATCH_BYTES / sizeof(float)))
// A chunk's results are some rows of a picture, with about so many elements.
#define CHUNK_FLOATS (16 * 1024)
// Results of so many elements leave the caches between two calls: asking for them early is worth 10
// to 15 %, and costs smaller ones 5 %.
#define FAR_FLOATS (2 * 1024 * 1024)
// So many columns of a row at a time.
#define MOST_COLUMNS 112

typedef struct job {
  const ck_tiles *tiles;
  ck_product product;
  int rows, bands;       // of a chunk; per picture
  const float *weights;  // panels [k, tiles->columns]
  bool result_is_far;
} job;

static void correlate_row(const job *job, const ck_strip *strip, int picture, int row,
                          const float *a) {
  const ck_product *p = &job->product;
  const ck_patches *s = &p->a.patches;
  const ck_output *c = &p->c;
  for (int column = 0; column < s->rows_w; column += MOST_COLUMNS) {
    float *starts[MOST_COLUMNS];
    const int columns = smaller(s->rows_w - column, MOST_COLUMNS);
    for (int j = 0; j < columns; j++) {
      // The output's grid is the patches' or one long row.
      const ptrdiff_t at = column + j;
      starts[j] =
          c->rows_h == s->rows_h && c->rows_w == s->rows_w
              ? c->x + picture * c->step_n + row * c->step_h + at * c->step_w
              : c->x + (((ptrdiff_t)picture * s->rows_h + row) * s->rows_w + at) * c->step_w;
    }
    job->tiles->block(&(ck_block){.rows = columns,
                                  .columns = p->n,
                                  .depth = s->taps_w * s->channels,
                                  .runs = s->taps_h,
                                  .a = a + column * strip->column,
                                  .a_row = strip->column,
                                  .a_column = 1,
                                  .a_run = strip->tap_row,
                                  .b = job->weights,
                                  .b_row = job->tiles->columns,
                                  .b_panel = (ptrdiff_t)p->k * job->tiles->columns,
                                  .c = starts,
                                  .c_is_far = job->result_is_far,
                                  .bias = p->bias,
                                  .activation = p->activation,
                                  .slope = p->slope});
  }
}

static void correlate_band(void *context, int chunk, void *scratch) {
  const job *job = context;
  const ck_patches *s = &job->product.a.patches;
  const int picture = chunk / job->bands, first = chunk % job->bands * job->rows;
  const int rows = smaller(job->rows, s->rows_h - first);
  const ck_strip strip = ck_make_strip(job->tiles, s, picture, first, rows, scratch);
  for (int i = 0; i < rows; i++)
    correlate_row(job, &strip, picture, first + i, strip.start + i * strip.row);
}

bool ck_run_from_few_channels(const ck_tiles *tiles, const ck_product *p, ck_pool *pool) {
  const ck_patches *s = &p->a.patches;
  if (p->m == 0 || p->n == 0 || p->a.kind != CK_PATCHES || !ck_has_strips(s)) return false;
  job job = {.tiles = tiles,
             .product = *p,
             .result_is_far = (int64_t)p->m * p->n >= FAR_FLOATS,
             .rows = larger(1, smaller(s->rows_h, CHUNK_FLOATS / (s->rows_w * p->n)))};
  job.bands = quotient_up(s->rows_h, job.rows);
  const int64_t weights = (int64_t)p->k * multiple_up(p->n, tiles->columns);
  if (ck_strip_floats(s, job.rows) > ROOM || weights > ROOM) return false;
  float *packed = ck_pool_shared_scratch(pool);
  ck_pack_b(tiles, &p->b, 0, p->k, 0, p->n, packed);
  job.weights = packed;
  ck_pool_run(pool, p->m / (s->rows_h * s->rows_w) * job.bands, correlate_band, &job);
  return true;
}
