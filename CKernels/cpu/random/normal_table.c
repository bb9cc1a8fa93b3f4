#include "random/normal_table.h"

const float ck_normal_table[512][4] = {
#include "random/ck_normal_table.h"
};
