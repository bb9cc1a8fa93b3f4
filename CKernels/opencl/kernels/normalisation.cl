// normalisation
CK_KERNEL void normalize(const ck_normalize_shape s) {}
