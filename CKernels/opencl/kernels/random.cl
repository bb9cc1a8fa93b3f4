// Rows of random numbers: an item makes a block of four columns of a row.
CK_KERNEL void random(const ck_random_shape s, __global const int *restrict examples,
                      const ulong examples_start, __global float *restrict y, const ulong y_start) {
  const int blocks = (s.columns + 3) / 4, i = get_global_id(0);
  if (i >= s.rows * blocks) return;
  const int row = i / blocks, first = i % blocks * 4;
  const uint example =
      examples ? (uint)examples[examples_start + row] : (uint)s.first_example + (uint)row;
  uint words[4] = {(uint)(i % blocks), example, s.step, s.stream};
  ck_philox(words, s.seed_low, s.seed_high);
  y += y_start + (ulong)row * s.columns + first;
  for (int k = 0; k < min(4, s.columns - first); ++k) {
    switch (s.distribution) {
      case CK_UNIFORM:
        y[k] = ck_uniform(words[k]);
        break;
      case CK_NORMAL:
        y[k] = ck_normal(words[k]);
        break;
      case CK_BERNOULLI:
        y[k] = ck_uniform(words[k]) < s.probability ? 1.0f : 0.0f;
        break;
    }
  }
}
