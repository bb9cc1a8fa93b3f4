// Convolutions by Winograd's algorithm: transforms of pictures, filters and gradients to points,
// and back. Between them, product.cl multiplies the tiles of every point. What is transformed and
// in which order sums are taken is that of the C kernels (convolution/winograd.h), and so are the
// bits. TAPS is 2 or 3.
//
// An item transforms one square of CK_COLUMNS channels that follow one another in memory.

// ck_winograd of ck_winograd.h in int32, and the tiles first ... first + tiles - 1 that are at
// hand.
typedef struct winograd_call {
  int taps, n, h, w, channels, step, origin_h, origin_w, rows, columns, outputs;
  int out, out_n, out_h, out_w, filter, tap_h, tap_w, phase_h, phase_w, channel, output;
  int first, tiles;
  ck_activation activation;
  float slope;
} winograd_call;

typedef VECTOR(float, CK_COLUMNS) vector;
SOME_OF(vector, float, CK_COLUMNS)

#define ALWAYS_INLINE CK_INLINE
#define constant(x) ((vector)(x))
#define add(a, b) ((a) + (b))
#define subtract(a, b) ((a) - (b))
#define multiply(a, b) ((a) * (b))
#define fuse(a, b, c) fma(a, b, c)
#define OUTPUTS 4
#define POINTS (OUTPUTS + TAPS - 1)
#define LINES(name) CK_JOIN(name, TAPS)

// The text of the lines is put in here by the host.
