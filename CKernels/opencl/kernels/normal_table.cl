// ck_normal_table.h of the C kernels: see philox.inc.
__constant float ck_normal_table[512][4] = {
