// The epilogue of products, convolutions and normalisations, one element at a time.

#define CK_ACTIVATE(OP, function, arguments) \
  case CK_ACT_##OP:                          \
    return ck_##function arguments;

CK_INLINE float ck_activated(ck_activation activation, float alpha, float x) {
  switch (activation) {
    CK_ACTIVATIONS(CK_ACTIVATE)
    default:
      return x;
  }
}
#undef CK_ACTIVATE
