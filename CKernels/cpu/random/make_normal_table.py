#!/usr/bin/env python3
"""Writes ck_normal_table.h: the inverse of the normal distribution's upper tail as 512 cubics.

A tail probability q in (0, 1/2) has `octave` leading zeros:
q = 2^-(octave + 2) * (1 + (piece + x) / 16) with octave 0...31, piece 0...15 and x in [0, 1). Each
cubic interpolates z(q), where Phi(-z) = q, at the four Chebyshev points of its piece. Needs mpmath.
"""

import os
import struct

import mpmath as mp

OCTAVES, PIECES = 32, 16
mp.mp.dps = 30


def upper_tail_inverse(q):
    """z with Phi(-z) = q, by Newton's steps on log Phi from the tail's asymptote."""
    z = mp.sqrt(-2 * mp.log(q)) - 1 if q < 0.1 else mp.mpf(1)
    for _ in range(60):
        tail = mp.erfc(z / mp.sqrt(2)) / 2
        step = mp.log(tail / q) * tail / (mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi))
        z += step
        if abs(step) < mp.mpf(10) ** -25:
            return z
    raise ArithmeticError(f"no convergence at {q}")


def probability(octave, piece, x):
    return mp.mpf(2) ** -(octave + 2) * (1 + (piece + mp.mpf(x)) / PIECES)


def to_float32(value):
    return struct.unpack("f", struct.pack("f", float(value)))[0]


def cubic(octave, piece):
    """Coefficients of x^0...x^3, rounded to float32."""
    nodes = [(1 + mp.cos(mp.pi * (2 * k + 1) / 8)) / 2 for k in range(4)]
    matrix = mp.matrix(4, 4)
    values = mp.matrix(4, 1)
    for row, x in enumerate(nodes):
        values[row] = upper_tail_inverse(probability(octave, piece, x))
        for power in range(4):
            matrix[row, power] = x**power
    if octave + 5 > 32:  # the words of these octaves end at x = 0
        return [to_float32(upper_tail_inverse(probability(octave, piece, 0))), 0.0, 0.0, 0.0]
    return [to_float32(c) for c in mp.lu_solve(matrix, values)]


def largest_errors(table):
    absolute = relative = 0
    for octave in range(OCTAVES - 5):
        for piece in range(PIECES):
            c = table[octave * PIECES + piece]
            for step in range(17):
                x = step / 17
                z = upper_tail_inverse(probability(octave, piece, x))
                error = abs(((c[3] * x + c[2]) * x + c[1]) * x + c[0] - z)
                absolute = max(absolute, error)
                relative = max(relative, error / z) if z > 1 else relative
    return float(absolute), float(relative)


def main():
    table = [cubic(octave, piece) for octave in range(OCTAVES) for piece in range(PIECES)]
    absolute, relative = largest_errors(table)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ck_normal_table.h")
    with open(path, "w") as out:
        out.write(
            "// clang-format off\n"
            "// Written by make_normal_table.py; not to be edited.\n"
            "// The initialiser of float [512][4]: c0, c1, c2, c3 of each cubic, [octave][piece].\n"
            f"// Largest error {absolute:.1e}, where |z| > 1 relative {relative:.1e}.\n"
        )
        for c in table:
            out.write("{" + ", ".join(v.hex().replace("0000000p", "p") + "f" for v in c) + "},\n")
    print(f"{path}: largest error {absolute:.3g}, relative beyond 1 {relative:.3g}")


if __name__ == "__main__":
    main()
