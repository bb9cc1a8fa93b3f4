#include "convolution/correlations.h"

typedef struct phase {
  const ck_correlations *all;
  int first;
} phase;

static void describe(const void *context, int index, ck_product *product) {
  const phase *phase = context;
  phase->all->describe(phase->all->context, phase->first + index, product);
}

void ck_run_correlations(const ck_tiles *tiles, const ck_correlations *all, ck_pool *pool) {
  if (ck_run_few_channels(tiles, all, pool)) return;
  for (int i = 0; i < all->phases; i++) {
    ck_product p;
    all->describe(all->context, i * all->groups, &p);
    if (p.precision == CK_FLOAT32 && all->groups == 1 && ck_run_from_few_channels(tiles, &p, pool))
      continue;
    const phase phase = {.all = all, .first = i * all->groups};
    ck_run_products(
        tiles, &(ck_batch){.count = all->groups, .describe = describe, .context = &phase}, pool);
  }
}
