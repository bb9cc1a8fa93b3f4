// The loops round the register tile (Goto and van de Geijn 2008, "Anatomy of high-performance
// matrix multiplication"), and how a product is shared out.
//
// The depth is cut into blocks so that a panel of b stays close to the core, the rows so that a
// block of a does. Sums pass from one block of the depth to the next through c, which keeps every
// output one fma chain. Parts, blocks and panels depend on the shape alone; they decide who
// computes an output and when, never how.
#include "gemm/product.h"

#include "gemm/bfloat16.h"
#include "sizes.h"

#include <stdint.h>

// A block of a, DEPTH x ROWS floats at most - of bfloat16, packed ones - takes a part of the
// second-level cache; from there it and a panel of b stream through the first. A long depth costs
// nothing in that and spares passes over c: from 1024 x 1024 x 1024 on, 1024 was some 5 % faster
// than 512 and 384.
#define DEPTH 1024
#define ROWS 112
// Added to the step between rows of a block, so that they do not all fall into the same sets of a
// cache.
#define SKEW 16
// Floats of scratch memory for a block of a, however it lies; the rest is for b.
#define A_ROOM (DEPTH * (ROWS + 8 + SKEW))
#define SCRATCH_FLOATS ((int)(CK_SCRATCH_BYTES / sizeof(float)))
#define LOCAL_B_COLUMNS ((SCRATCH_FLOATS - A_ROOM - CK_BFLOAT16_STAGING) / DEPTH / 64 * 64)
// Shared b: columns at least this wide before the depth is cut into slabs of so many blocks.
#define SHARED_B_BLOCKS (SCRATCH_FLOATS / 256 / DEPTH)

// Rows so many elements apart, a page, are far apart.
#define NEAR 1024

// Sharing out: a part has about so many steps of chains, and there are at most so many of them.
#define WORK_PER_PART 4000000
#define MOST_PARTS 32
#define FEWEST_ROWS 70
#define PANELS_PER_CHUNK 8  // when b is packed
// bfloat16: to pack a block of a again for each part of the columns takes 3 to 6 % of a square
// product; so, with so many parts of rows, columns are split to no less than what stays near.
#define ENOUGH_ROW_PARTS 12
#define WIDEST_PART 1536

typedef struct plan {
  int row_parts, column_parts;  // of each product; columns are cut between panels
  const ck_bfloat16 *bfloat16;  // NULL: products of float32
  int depth;                    // the most of a block
  bool a_in_place, b_in_place;
  bool share_b;  // packed once for all row parts
} plan;

// Into how long blocks a depth is cut: evenly.
static int depth_step(const plan *plan, int depth) {
  const int steps = plan->bfloat16 ? larger(2 * plan->bfloat16->pairs, 8) : 8;
  return multiple_up(quotient_up(depth, larger(quotient_up(depth, plan->depth), 1)), steps);
}

// Floats that a depth takes when packed; of a depth that is no block's end, one of whole steps.
static int packed_floats(const plan *plan, int depth) {
  return plan->bfloat16 ? ck_bfloat16_floats(plan->bfloat16, depth) : depth;
}

// Copying an operand costs a pass over it; in return its rows lie close together. Where rows are
// less than NEAR apart already, or too few tiles would read the copy, tiles do better to read the
// operand where it is. A transposed a is read across its stored rows, so these have to be nearer.
static bool a_stays(const ck_tiles *tiles, const ck_product *p) {
  if (p->a.kind != CK_MATRIX) return false;
  if (p->n <= 4 * tiles->columns) return true;
  return p->a.column_step == 1 ? p->a.row_step < NEAR : p->a.column_step <= NEAR / 4;
}

static bool b_stays(const ck_tiles *tiles, const ck_product *p) {
  if (p->b.kind != CK_MATRIX || p->b.column_step != 1) return false;
  return p->m <= tiles->rows || (p->m <= 3 * ROWS / 2 && p->b.row_step < NEAR);
}

// Splitting columns makes every part pack the same rows of a, so where a is packed rows are split
// first, and what parts of b they share is packed once for all. Else splitting columns costs
// nothing.
static plan make_plan(const ck_tiles *tiles, const ck_product *p, int count, bool keeps_b) {
  const int depth = p->precision == CK_BFLOAT16 ? quotient_up(p->k, 2) : p->k;  // steps
  const double work = (double)count * p->m * p->n * larger(depth, 1);
  const int parts = work / WORK_PER_PART < MOST_PARTS ? (int)(work / WORK_PER_PART) : MOST_PARTS;
  const int wanted = larger(quotient_up(parts, count), 1);
  plan plan = {.depth = DEPTH};
  if (p->precision == CK_BFLOAT16) {
    plan.bfloat16 = ck_bfloat16_for(tiles);
    plan.depth = 2 * DEPTH / plan.bfloat16->pair;
  } else {
    plan.a_in_place = a_stays(tiles, p), plan.b_in_place = !keeps_b && b_stays(tiles, p);
  }
  const int most_rows = quotient_up(p->m, FEWEST_ROWS);
  const int fewest_columns = tiles->columns * (plan.a_in_place ? 2 : 8);
  const int most_columns = larger(p->n / fewest_columns, 1);
  if (count == 1 && !plan.a_in_place) {
    plan.row_parts = smaller(wanted, most_rows);
    int column_parts = quotient_up(wanted, plan.row_parts);
    if (plan.bfloat16 && plan.row_parts >= ENOUGH_ROW_PARTS)
      column_parts = smaller(column_parts, quotient_up(p->n, WIDEST_PART));
    plan.column_parts = smaller(column_parts, most_columns);
  } else {
    plan.column_parts = smaller(wanted, most_columns);
    plan.row_parts = smaller(quotient_up(wanted, plan.column_parts), most_rows);
  }
  plan.share_b = keeps_b || (count == 1 && plan.row_parts > 1 && !plan.b_in_place);
  if (!plan.share_b)
    plan.column_parts = larger(plan.column_parts, quotient_up(p->n, LOCAL_B_COLUMNS));
  return plan;
}

// The part of a product's depth and columns that one run covers.
typedef struct slab {
  int depth_start, depth_end, column_start, column_end;
} slab;

typedef struct job {
  const ck_tiles *tiles;
  const ck_batch *batch;
  plan plan;
  slab slab;
  float *shared_b;  // the slab's packed b, or NULL
} job;

void ck_pack_b(const ck_tiles *tiles, const ck_operand *b, int depth_start, int depth_end,
               int column_start, int column_end, float *out) {
  const int width = tiles->columns, depth = depth_end - depth_start;
  if (b->kind == CK_PATCHES) {
    tiles->gather(&b->patches, depth_start, depth, column_start, column_end - column_start, width,
                  out, width, (ptrdiff_t)depth * width);
    return;
  }
  for (int column = column_start; column < column_end; column += width, out += depth * width) {
    const int columns = smaller(width, column_end - column);
    if (b->kind == CK_MATRIX && b->column_step != 1) {
      tiles->transpose(b->x + depth_start + column * b->column_step, b->column_step, columns, depth,
                       out, width);
    } else if (b->kind == CK_MATRIX) {
      tiles->copy(b->x + depth_start * b->row_step + column, b->row_step, depth, columns, out,
                  width);
    } else {
      for (int p = depth_start; p < depth_end;) {
        const int tap = p / b->tap_rows, row = p % b->tap_rows;
        const int rows = smaller(b->tap_rows - row, depth_end - p);
        const float *x = b->x + tap / b->taps_w * b->tap_step_h + tap % b->taps_w * b->tap_step_w;
        tiles->copy(x + row * b->row_step + column, b->row_step, rows, columns,
                    out + (ptrdiff_t)(p - depth_start) * width, width);
        p += rows;
      }
    }
  }
}

// Makes block.a the rows and depth of a, packed into `out` unless they can be read where they are.
static void present_a(const job *job, const ck_operand *a, int row, int depth_start, int depth,
                      float *out, float *staging, ck_block *block) {
  const ck_tiles *tiles = job->tiles;
  const int rows = block->rows;
  if (job->plan.bfloat16) {
    const bool across =
        a->kind == CK_MATRIX && a->column_step != 1 && !job->plan.bfloat16->a_by_rows;
    const int step = multiple_up(across ? rows : block->depth, 16) + SKEW;
    ck_bfloat16_pack_a(tiles, job->plan.bfloat16, a, row, rows, depth_start, depth, out, step,
                       staging);
    block->a = out, block->a_row = across ? 1 : step, block->a_column = across ? step : 1;
    return;
  }
  if (a->kind == CK_PATCHES) {
    const int step = multiple_up(depth, 16) + SKEW;
    tiles->gather(&a->patches, row, rows, depth_start, depth, depth, out, step, 0);
    block->a = out, block->a_row = step, block->a_column = 1;
    return;
  }
  const float *x = a->x + row * a->row_step + depth_start * a->column_step;
  if (job->plan.a_in_place) {
    block->a = x, block->a_row = a->row_step, block->a_column = a->column_step;
  } else if (a->column_step == 1) {
    const int step = multiple_up(depth, 16) + SKEW;
    tiles->copy(x, a->row_step, rows, depth, out, step);
    block->a = out, block->a_row = step, block->a_column = 1;
  } else {
    const int step = multiple_up(rows, 8) + SKEW;
    tiles->copy(x, a->column_step, depth, rows, out, step);
    block->a = out, block->a_row = 1, block->a_column = step;
  }
}

static void pack_b(const job *job, const ck_operand *b, int depth_start, int depth,
                   int column_start, int column_end, float *out, float *staging) {
  if (job->plan.bfloat16)
    ck_bfloat16_pack_b(job->tiles, job->plan.bfloat16, b, depth_start, depth, column_start,
                       column_end, out, staging);
  else
    ck_pack_b(job->tiles, b, depth_start, depth_start + depth, column_start, column_end, out);
}

// Makes block.b the depth and columns of b.
static void present_b(const job *job, const ck_operand *b, int depth_start, int depth, int column,
                      float *out, float *staging, ck_block *block) {
  const int width = job->tiles->columns;
  if (job->plan.b_in_place) {
    block->b = b->x + depth_start * b->row_step + column;
    block->b_row = b->row_step, block->b_panel = width;
    return;
  }
  block->b_row = width, block->b_panel = (ptrdiff_t)block->depth * width;
  if (job->shared_b) {
    const slab *slab = &job->slab;
    const ptrdiff_t all = multiple_up(slab->column_end - slab->column_start, width);
    block->b = job->shared_b + packed_floats(&job->plan, depth_start - slab->depth_start) * all +
               (ptrdiff_t)(column - slab->column_start) * block->depth;
  } else {
    pack_b(job, b, depth_start, depth, column, column + block->columns, out, staging);
    block->b = out;
  }
}

// Where rows row..<row + rows of the output begin, at a column.
static void find_rows(const ck_output *c, int row, int rows, int column, float **starts) {
  if (c->rows_h == 1 && row + rows <= c->rows_w) {
    for (int r = 0; r < rows; r++) starts[r] = c->x + (row + r) * c->step_w + column;
    return;
  }
  int j = row % c->rows_w, i = row / c->rows_w % c->rows_h;
  ptrdiff_t n = row / c->rows_w / c->rows_h;
  for (int r = 0; r < rows; r++) {
    starts[r] = c->x + n * c->step_n + i * c->step_h + j * c->step_w + column;
    if (++j == c->rows_w) {
      j = 0;
      if (++i == c->rows_h) i = 0, n++;
    }
  }
}

// Parts and blocks of rows begin at multiples of so many.
static int row_step(const plan *plan) { return plan->bfloat16 ? plan->bfloat16->rows : 1; }

// Where part `index` of `parts` of so many rows begins.
static int row_start_of(const plan *plan, int rows, int parts, int index) {
  const int step = row_step(plan);
  return smaller(step * part_start(quotient_up(rows, step), parts, index), rows);
}

// One part of one product: all of the slab's depth for some rows and columns.
static void multiply_part(void *context, int chunk, void *scratch) {
  const job *job = context;
  const plan *plan = &job->plan;
  // Neighbours read the same columns of b.
  const int row_part = chunk % plan->row_parts;
  const int column_part = chunk / plan->row_parts % plan->column_parts;
  ck_product p;
  job->batch->describe(job->batch->context, chunk / plan->column_parts / plan->row_parts, &p);

  const int width = job->tiles->columns;
  const int depth_end = smaller(job->slab.depth_end, p.k);
  const int slab_columns = job->slab.column_end - job->slab.column_start;
  const int panels = quotient_up(slab_columns, width);
  const int column =
      job->slab.column_start + width * part_start(panels, plan->column_parts, column_part);
  const int column_end = smaller(
      job->slab.column_start + width * part_start(panels, plan->column_parts, column_part + 1),
      job->slab.column_end);
  const int row_start = row_start_of(plan, p.m, plan->row_parts, row_part);
  const int row_end = row_start_of(plan, p.m, plan->row_parts, row_part + 1);
  const int blocks = quotient_up(row_end - row_start, ROWS / row_step(plan) * row_step(plan));

  float *packed_a = scratch, *staging = packed_a + A_ROOM;
  float *packed_b = staging + CK_BFLOAT16_STAGING;
  float *rows[ROWS];
  int depth_start = job->slab.depth_start;
  const int step = depth_step(plan, depth_end - depth_start);
  do {  // once at least: products over nothing still have their bias and activation
    const int depth = smaller(step, depth_end - depth_start);
    ck_block block = {.depth = packed_floats(plan, depth),
                      .columns = column_end - column,
                      .c = rows,
                      .accumulate = p.accumulate || depth_start > 0};
    if (depth_start + depth >= p.k) {
      block.bias = p.bias ? p.bias + column : NULL;
      block.activation = p.activation;
      block.slope = p.slope;
    }
    present_b(job, &p.b, depth_start, depth, column, packed_b, staging, &block);
    for (int i = 0; i < blocks; i++) {
      const int row = row_start + row_start_of(plan, row_end - row_start, blocks, i);
      block.rows = row_start + row_start_of(plan, row_end - row_start, blocks, i + 1) - row;
      find_rows(&p.c, row, block.rows, column, rows);
      present_a(job, &p.a, row, depth_start, depth, packed_a, staging, &block);
      if (plan->bfloat16)
        plan->bfloat16->block(job->tiles, &block);
      else
        job->tiles->block(&block);
    }
    depth_start += step;
  } while (depth_start < depth_end);
}

// Packs some panels of the slab's b, for one block of the depth.
static void pack_shared_panels(void *context, int chunk, void *scratch) {
  const job *job = context;
  const slab *slab = &job->slab;
  ck_product p;
  job->batch->describe(job->batch->context, 0, &p);
  const int width = job->tiles->columns, chunk_width = width * PANELS_PER_CHUNK;
  const int columns = slab->column_end - slab->column_start;
  const int chunks = quotient_up(columns, chunk_width);
  const int step = depth_step(&job->plan, slab->depth_end - slab->depth_start);
  const int depth_start = slab->depth_start + chunk / chunks * step;
  const int depth = smaller(step, slab->depth_end - depth_start);
  const int column = slab->column_start + chunk % chunks * chunk_width;
  float *out = job->shared_b +
               (ptrdiff_t)packed_floats(&job->plan, depth_start - slab->depth_start) *
                   multiple_up(columns, width) +
               (ptrdiff_t)(column - slab->column_start) * packed_floats(&job->plan, depth);
  pack_b(job, &p.b, depth_start, depth, column, smaller(column + chunk_width, slab->column_end),
         out, scratch);
}

// Packs the slab's b into the shared memory.
static void pack_slab(job *job, ck_pool *pool) {
  const slab *slab = &job->slab;
  const int depth = slab->depth_end - slab->depth_start, width = job->tiles->columns;
  const int chunks = quotient_up(slab->column_end - slab->column_start, width * PANELS_PER_CHUNK);
  const int blocks = quotient_up(depth, larger(depth_step(&job->plan, depth), 1));
  ck_pool_run(pool, chunks * blocks, pack_shared_panels, job);
}

static void multiply(job *job, int count, ck_pool *pool) {
  ck_pool_run(pool, count * job->plan.row_parts * job->plan.column_parts, multiply_part, job);
}

// Packs b slab by slab into the shared memory and multiplies by it.
static void run_with_shared_b(job *job, const ck_product *p, ck_pool *pool) {
  const int width = job->tiles->columns;
  const int most_depth = SHARED_B_BLOCKS * job->plan.depth;
  job->shared_b = ck_pool_shared_scratch(pool);
  for (int depth = 0; depth < larger(p->k, 1); depth += most_depth) {
    const int depth_end = smaller(depth + most_depth, p->k);
    const int floats = packed_floats(&job->plan, depth_end - depth);
    const int most_columns = SCRATCH_FLOATS / larger(floats, DEPTH) / width * width;
    for (int column = 0; column < p->n; column += most_columns) {
      job->slab = (slab){depth, depth_end, column, smaller(column + most_columns, p->n)};
      pack_slab(job, pool);
      multiply(job, 1, pool);
    }
  }
}

size_t ck_product_keeps(const ck_tiles *tiles, const ck_batch *batch) {
  if (batch->count != 1) return 0;
  ck_product p;
  batch->describe(batch->context, 0, &p);
  if (p.m <= 0 || p.n <= 0 || p.k <= 0) return 0;
  const plan plan = make_plan(tiles, &p, 1, false);
  if (plan.b_in_place) return 0;
  return sizeof(float) * packed_floats(&plan, p.k) * multiple_up(p.n, tiles->columns);
}

void ck_run_products(const ck_tiles *tiles, const ck_batch *batch, ck_pool *pool) {
  if (batch->count <= 0) return;
  ck_product p;
  batch->describe(batch->context, 0, &p);
  if (p.m <= 0 || p.n <= 0) return;
  job job = {.tiles = tiles,
             .batch = batch,
             .plan = make_plan(tiles, &p, batch->count, batch->kept != NULL),
             .slab = {0, p.k, 0, p.n}};
  if (batch->kept) {
    job.shared_b = batch->kept->memory;
    if (!batch->kept->is_filled) pack_slab(&job, pool);
    batch->kept->is_filled = true;
    multiply(&job, 1, pool);
  } else if (job.plan.share_b) {
    run_with_shared_b(&job, &p, pool);
  } else {
    multiply(&job, batch->count, pool);
  }
}
