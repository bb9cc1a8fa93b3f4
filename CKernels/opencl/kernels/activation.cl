// The epilogue of products, convolutions and normalisations, one element at a time.

CK_INLINE float ck_activated(ck_activation activation, float slope, float x) {
  switch (activation) {
    case CK_ACT_RELU:
      return ck_relu(x);
    case CK_ACT_LEAKY_RELU:
      return ck_leaky_relu(x, slope);
    case CK_ACT_ELU:
      return ck_elu(x, slope);
    case CK_ACT_GELU:
      return ck_gelu(x);
    case CK_ACT_SILU:
      return ck_silu(x);
    case CK_ACT_SIGMOID:
      return ck_sigmoid(x);
    case CK_ACT_TANH:
      return ck_tanh(x);
    case CK_ACT_SOFTPLUS:
      return ck_softplus(x);
    default:
      return x;
  }
}
