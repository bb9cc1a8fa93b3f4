// C's #embed, because the compiler takes it in at once; Swift's literals of this size take minutes.
#include "CJudges.h"

static const unsigned char first[] = {
#embed "fd-f-v1.safetensors"
};
static const unsigned char second[] = {
#embed "fd-f2-v1.safetensors"
};

const struct ckj_judge ckj_judges[2] = {
    {"fd-f", first, sizeof first},
    {"fd-f2", second, sizeof second},
};
