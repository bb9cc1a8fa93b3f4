// The cubics of random/philox.inc.
#pragma once

extern const float ck_normal_table[512][4];
