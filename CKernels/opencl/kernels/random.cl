// Random numbers of Philox 4x32-10 (Salmon et al. 2011): an item makes a block of four columns of a row.

static uint4 philox(uint4 counter, uint2 key) {
  for (int round = 0; round < 10; ++round) {
    const uint low_a = 0xd2511f53u * counter.x, high_a = mul_hi(0xd2511f53u, counter.x);
    const uint low_b = 0xcd9e8d57u * counter.z, high_b = mul_hi(0xcd9e8d57u, counter.z);
    counter = (uint4)(high_b ^ counter.y ^ key.x, low_b, high_a ^ counter.w ^ key.y, low_a);
    key += (uint2)(0x9e3779b9u, 0xbb67ae85u);
  }
  return counter;
}

static float drawn(const ck_random_shape *s, uint word) {
  const float uniform = (float)(word >> 8) * 0x1p-24f;
  switch (s->distribution) {
    case CK_BERNOULLI: return uniform < s->probability ? 1.0f : 0.0f;
    default: return uniform;
  }
}

CK_KERNEL void random(const ck_random_shape s, __global const int *restrict examples,
                      const ulong examples_start, __global float *restrict y, const ulong y_start) {
  const int blocks = (s.columns + 3) / 4, i = get_global_id(0);
  if (i >= s.rows * blocks) return;
  const int row = i / blocks, block = i % blocks;
  const int example = examples ? examples[examples_start + row] : s.first_example + row;
  const uint4 words = philox((uint4)(block, example, s.step, s.stream), (uint2)(s.seed_low, s.seed_high));
  uint word[4];
  vstore4(words, 0, word);
  y += y_start + (ulong)row * s.columns;
  for (int column = 4 * block; column < min(4 * block + 4, s.columns); ++column)
    y[column] = drawn(&s, word[column % 4]);
}
