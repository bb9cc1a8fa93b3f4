// Where product.cl finds elements.

// The sizes of one product.
typedef struct product_extent {
  int m, n, k;
} product_extent;

// Column and row of a position in a picture, and an element offset: x, y, z.
typedef int3 place;

CK_INLINE place at(int offset, int y, int x) { return (place)(x, y, offset); }

// Outside every frame, whatever is added.
CK_INLINE place nowhere(void) { return at(0, -(1 << 29), 0); }
