// C[m, n] = activation(sum over k of A[m, k] B[k, n] + bias[n]), by tiles in local memory: the one
// loop under matrix products and all three passes of convolution. Every output is one fma chain in
// rising k, so the bits are those of the C kernels.
//
// The text before this one says what A, B and C are. An element of A is found through its row and
// its step k, one of B through its step and its column: each has a place, an element offset and a
// position in a picture; offsets and positions add up, and an element whose position falls outside
// the frame is zero. Plain matrices have a frame of one pixel.
//   typedef ... product_call;                           the scalars
//   product_extent  extent(call, z);                    sizes of the z-th product
//   place           a_row(call, z, m), a_step(call, z, k), b_step(call, z, k), b_column(call, z,
//   n); int2            a_frame(call), b_frame(call);       height and width int a_along_k(call),
//   b_along_k(call);   whether neighbours in memory differ in k int             c_row(call, z, m),
//   bias_start(call, z); PRODUCT_ACCUMULATE(call), PRODUCT_ACTIVATION(call), PRODUCT_SLOPE(call)

// A work-group makes TILE_M x TILE_N outputs, TILE_M of one column an item; TILE_M is that of one
// float16 and its double.
#define TILE_M 32
#define TILE_N CK_GROUP
#define TILE_K 16

CK_INLINE float element_at(__global const float *base, place p, place q, int2 frame) {
  const place e = p + q;
  return e.y >= 0 && e.y < frame.x && e.x >= 0 && e.x < frame.y ? base[e.z] : 0.0f;
}

CK_KERNEL void product(const product_call call, __global const float *restrict a,
                       const ulong a_start, __global const float *restrict b, const ulong b_start,
                       __global const float *restrict bias, const ulong bias_at,
                       __global float *restrict c, const ulong c_start) {
  __local float a_tile[TILE_K * TILE_M], b_tile[TILE_K * TILE_N];
  __local place rows[TILE_M], columns[TILE_N], a_steps[TILE_K], b_steps[TILE_K];
  const int item = get_local_id(0);
  // Groups of one product lie side by side, its column tiles innermost.
  const product_extent most = largest_extent(&call);
  const int across = (most.n + TILE_N - 1) / TILE_N, down = (most.m + TILE_M - 1) / TILE_M;
  const int group = get_group_id(0);
  const int z = group / across / down;
  const int first_row = group / across % down * TILE_M, first_column = group % across * TILE_N;
  const product_extent size = extent(&call, z);
  const int2 frame_a = a_frame(&call), frame_b = b_frame(&call);
  const int column = first_column + item;
  a += a_start;
  b += b_start;
  c += c_start;

  for (int i = item; i < TILE_M; i += CK_GROUP)
    rows[i] = first_row + i < size.m ? a_row(&call, z, first_row + i) : nowhere();
  for (int i = item; i < TILE_N; i += CK_GROUP)
    columns[i] = first_column + i < size.n ? b_column(&call, z, first_column + i) : nowhere();
  for (int i = item; i < TILE_K; i += CK_GROUP) {
    a_steps[i] = i < size.k ? a_step(&call, z, i) : nowhere();
    b_steps[i] = i < size.k ? b_step(&call, z, i) : nowhere();
  }

  float16 low = 0.0f, high = 0.0f;  // rows 0...15 and 16...31 of the item's column
  if (PRODUCT_ACCUMULATE(call) && column < size.n) {
    float start[TILE_M];
    for (int i = 0; i < TILE_M; ++i)
      start[i] = first_row + i < size.m ? c[c_row(&call, z, first_row + i) + column] : 0.0f;
    low = vload16(0, start);
    high = vload16(1, start);
  }

  for (int k = 0; k < size.k; k += TILE_K) {
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = item; i < TILE_K * TILE_M; i += CK_GROUP) {
      const int step = a_along_k(&call) ? i % TILE_K : i / TILE_M;
      const int row = a_along_k(&call) ? i / TILE_K : i % TILE_M;
      a_tile[step * TILE_M + row] = element_at(a, rows[row], a_steps[step], frame_a);
    }
    for (int i = item; i < TILE_K * TILE_N; i += CK_GROUP) {
      const int step = b_along_k(&call) ? i % TILE_K : i / TILE_N;
      const int across_tile = b_along_k(&call) ? i / TILE_K : i % TILE_N;
      b_tile[step * TILE_N + across_tile] =
          element_at(b, columns[across_tile], b_steps[step], frame_b);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    const int steps = min(TILE_K, size.k - k);
    for (int step = 0; step < steps; ++step) {
      const float16 factor = b_tile[step * TILE_N + item];
      low = fma(vload16(0, a_tile + step * TILE_M), factor, low);
      high = fma(vload16(1, a_tile + step * TILE_M), factor, high);
    }
    for (int i = item; i < TILE_K; i += CK_GROUP) {
      const int next = k + TILE_K + i;
      a_steps[i] = next < size.k ? a_step(&call, z, next) : nowhere();
      b_steps[i] = next < size.k ? b_step(&call, z, next) : nowhere();
    }
  }

  if (column >= size.n) return;
  float sum[TILE_M];
  vstore16(low, 0, sum);
  vstore16(high, 1, sum);
  for (int i = 0; i < TILE_M && first_row + i < size.m; ++i) {
    float y = sum[i];
    if (bias) y += bias[bias_at + bias_start(&call, z) + column];
    c[c_row(&call, z, first_row + i) + column] =
        ck_activated(PRODUCT_ACTIVATION(call), PRODUCT_SLOPE(call), y);
  }
}
