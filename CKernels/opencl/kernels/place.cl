// Where product.cl finds the elements of its operands.

// The sizes of one product.
typedef struct product_extent {
  int m, n, k;
} product_extent;

// The parts that a sum over k is cut into: `count` of `length` steps, of which the last may have
// fewer. The results of more than one lie side by side in scratch memory.
typedef struct product_parts {
  int count, length;
} product_parts;

// x, y: column and row of a position in a picture; z: an element offset; w: how many elements that
// follow one another in memory begin here. Places add up: one of an operand's index outside the sum
// and one of its step, of which the one along memory has the count and the other 0.
typedef int4 place;

CK_INLINE place at(int offset, int y, int x) { return (place)(x, y, offset, 0); }

// No load asks for more than it has elements, and `nowhere` must outweigh every count.
CK_INLINE place counted(place p, int count) { return (place)(p.x, p.y, p.z, min(count, 1 << 20)); }

// No elements, whatever is added.
CK_INLINE place nowhere(void) { return (place)(0, 0, 0, -(1 << 29)); }
