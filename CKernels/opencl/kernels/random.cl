// random
CK_KERNEL void random(const ck_random_shape s) {}
