// The products of patches with a filter, directly: by the algorithm that their shape asks for.
// (Winograd's is chosen before, in the entries.)
#pragma once
#include "gemm/product.h"

// Products over the same pictures: batch index = phase * groups + group. Those of one phase have
// all sizes in common, those of one group read the same channels.
typedef struct ck_correlations {
  int phases, groups;
  void (*describe)(const void *context, int index, ck_product *product);
  const void *context;
} ck_correlations;

void ck_run_correlations(const ck_tiles *tiles, const ck_correlations *correlations, ck_pool *pool);

// Does a product and is true if its patches have few channels.
bool ck_run_from_few_channels(const ck_tiles *tiles, const ck_product *product, ck_pool *pool);

// Does them and is true if their results have few channels.
bool ck_run_few_channels(const ck_tiles *tiles, const ck_correlations *correlations, ck_pool *pool);
