// Correlations whose result has few channels - a picture's colours - would leave most of a register
// tile's columns empty. Here vectors run along the rows of the picture instead: the pixels that a
// band of rows reads are turned into planes, one per channel, with their border of zeros, and every
// tap of every channel is then one shifted load. The chain of each output is the product's.
#include "convolution/correlations.h"
#include "sizes.h"

// Rows of a phase's result per band: enough for the border to be small beside them.
#define BAND 16
// Loads of vectors may run past the last element by less than this. What they find past the end of
// a row - the next one - goes into no result.
#define SLACK 16

typedef struct job {
  const ck_tiles *tiles;
  const ck_correlations *all;
  int group;
  int bands;  // per picture
  int pictures;
  int top, left;         // pixel of the planes' first element, for the band of rows 0...
  int bottom, right;     // and of the one after the last
  int sums;              // the most elements of a band's result
  int depths;            // of all phases together
  const float *weights;  // [depths, tiles->columns]
} job;

// Where a patch's taps lie along one axis, from its origin.
static int lowest(int taps, int step) { return taps > 0 ? smaller((taps - 1) * step, 0) : 0; }
static int highest(int taps, int step) { return taps > 0 ? larger((taps - 1) * step, 0) : 0; }

// Widens the job by what a phase reads and writes; false if it is of another kind.
static bool include(job *job, const ck_product *p) {
  const ck_patches *s = &p->a.patches;
  job->depths += p->k;
  if (p->m == 0 || p->n == 0) return true;
  if (p->a.kind != CK_PATCHES || s->step_w != 1 || p->n > CK_FEW_CHANNELS) return false;
  const int rows = smaller(BAND, s->rows_h);
  job->bands = larger(job->bands, (s->rows_h + BAND - 1) / BAND);
  job->pictures = p->m / (s->rows_h * s->rows_w);
  job->top = smaller(job->top, s->origin_h + lowest(s->taps_h, s->tap_h));
  job->left = smaller(job->left, s->origin_w + lowest(s->taps_w, s->tap_w));
  job->bottom =
      larger(job->bottom, (rows - 1) * s->step_h + s->origin_h + highest(s->taps_h, s->tap_h) + 1);
  job->right = larger(job->right, s->rows_w + s->origin_w + highest(s->taps_w, s->tap_w));
  job->sums = larger(job->sums, rows * s->rows_w * p->n);
  return true;
}

static bool prepare(job *job) {
  int channels = 0;
  for (int i = 0; i < job->all->phases; i++) {
    ck_product p;
    job->all->describe(job->all->context, i * job->all->groups, &p);
    if (!include(job, &p)) return false;
    channels = p.a.patches.channels;
  }
  const double plane = (double)(job->bottom - job->top) * (job->right - job->left);
  const double room = (double)CK_SCRATCH_BYTES / sizeof(float);
  return channels * plane + SLACK + job->sums <= room &&
         (double)job->depths * job->tiles->columns <= room;
}

// Turns the pixels that a band of rows reads into planes [channels, height, width].
static void make_planes(const job *job, const ck_patches *s, int picture, int first, int height,
                        int width, float *planes) {
  const ptrdiff_t plane = (ptrdiff_t)height * width;
  for (ptrdiff_t i = 0; i < s->channels * plane + SLACK; i++) planes[i] = 0;
  const int start = larger(job->left, 0), end = smaller(job->right, s->w);
  if (end <= start) return;
  for (int r = 0; r < height; r++) {
    const int y = first * s->step_h + job->top + r;
    if (y < 0 || y >= s->h) continue;
    const float *x = s->x + (((ptrdiff_t)picture * s->h + y) * s->w + start) * s->pixel;
    job->tiles->transpose(x, s->pixel, end - start, s->channels,
                          planes + (ptrdiff_t)r * width + (start - job->left), plane);
  }
}

// Activation, and the way of rows first..<first + rows to where they belong.
static void finish(const job *job, const ck_product *p, int picture, int first, int rows,
                   float *sums) {
  const ck_output *c = &p->c;
  const int rows_h = p->a.patches.rows_h, columns = p->a.patches.rows_w;
  if (p->activation != CK_NO_ACTIVATION)
    job->tiles->activate(p->activation, p->slope, sums, rows * columns * p->n);
  for (int i = first; i < first + rows; i++, sums += columns * p->n) {
    // The output's grid is the patches' or one long row.
    float *out = c->rows_h == rows_h && c->rows_w == columns
                     ? c->x + picture * c->step_n + i * c->step_h
                     : c->x + ((ptrdiff_t)picture * rows_h + i) * columns * c->step_w;
    for (int o = 0; o < p->n; o++)
      for (int j = 0; j < columns; j++) out[j * c->step_w + o] = sums[j * p->n + o];
  }
}

static void correlate_band(void *context, int chunk, void *scratch) {
  const job *job = context;
  const int picture = chunk / job->bands, first = chunk % job->bands * BAND;
  const int height = job->bottom - job->top, width = job->right - job->left;
  const ptrdiff_t plane = (ptrdiff_t)height * width;
  float *planes = scratch, *sums = NULL;
  const float *weights = job->weights;
  for (int i = 0; i < job->all->phases; i++) {
    ck_product p;
    job->all->describe(job->all->context, i * job->all->groups + job->group, &p);
    const ck_patches *s = &p.a.patches;
    if (!sums) {
      make_planes(job, s, picture, first, height, width, planes);
      sums = planes + s->channels * plane + SLACK;
    }
    const int rows = smaller(BAND, s->rows_h - first);
    if (p.m > 0 && rows > 0) {
      job->tiles->correlate(&(ck_correlation){
          .planes = planes + (ptrdiff_t)(s->origin_h - job->top) * width + s->origin_w - job->left,
          .plane_step = plane,
          .row_step = (ptrdiff_t)s->step_h * width,
          .tap_step_h = (ptrdiff_t)s->tap_h * width,
          .tap_step_w = s->tap_w,
          .taps_h = s->taps_h,
          .taps_w = s->taps_w,
          .channels = s->channels,
          .weights = weights,
          .weight_step = job->tiles->columns,
          .bias = p.bias,
          .rows = rows,
          .columns = s->rows_w,
          .outputs = p.n,
          .out = sums,
      });
      finish(job, &p, picture, first, rows, sums);
    }
    weights += (ptrdiff_t)p.k * job->tiles->columns;
  }
}

bool ck_run_few_channels(const ck_tiles *tiles, const ck_correlations *all, ck_pool *pool) {
  job job = {.tiles = tiles, .all = all};
  if (!prepare(&job)) return false;
  float *weights = ck_pool_shared_scratch(pool);
  job.weights = weights;
  for (job.group = 0; job.group < all->groups; job.group++) {
    float *out = weights;
    for (int i = 0; i < all->phases; i++) {
      ck_product p;
      all->describe(all->context, i * all->groups + job.group, &p);
      if (p.n > 0) ck_pack_b(tiles, &p.b, 0, p.k, 0, p.n, out);
      out += (ptrdiff_t)p.k * tiles->columns;
    }
    ck_pool_run(pool, job.pictures * job.bands, correlate_band, &job);
  }
  return true;
}
