// bfloat16 products on the tiles of AMX, and on tiles of plain C in their place.
#pragma once
#include "ck_amx.h"
#include "gemm/bfloat16.h"

// As ck_bfloat16.block, for operands packed as ck_bfloat16_amx says. Rows of a up to the next
// multiple of 16, and columns of b likewise, may be read.
void ck_amx_block_emulated(const ck_tiles *tiles, const ck_block *block);

#if defined(__x86_64__)
// What LDTILECFG reads; 64-byte aligned, so that it is one line.
typedef struct ck_amx_configuration {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} ck_amx_configuration;
static_assert(sizeof(ck_amx_configuration) == 64 &&
                  offsetof(ck_amx_configuration, row_bytes) == 16 &&
                  offsetof(ck_amx_configuration, rows) == 48,
              "as the manual has it");

// Eight tiles of 16 rows of 64 bytes.
extern const ck_amx_configuration ck_amx_whole_tiles;

// To be called only where ck_processor_isa(CK_AMX) is that; the product, while that is found out,
// by a thread of a process that has the permission.
void ck_amx_block_on_tiles(const ck_tiles *tiles, const ck_block *block);
void ck_amx_product_on_tiles(const uint32_t *a, const uint32_t *b, float *c);
#endif
