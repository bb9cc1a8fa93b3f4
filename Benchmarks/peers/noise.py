"""Numbers that two programs can make alike: the formula of Sources/Benchmarking/Noise.swift."""

import numpy

CHUNK = 1 << 20  # so that large arrays need little more than themselves


def noise(count, seed, scale=1.0):
    """float32 [count]: a scrambled counter, uniform in -scale/2 ... scale/2."""
    result = numpy.empty(count, numpy.float32)
    offset = numpy.uint32(seed * 0x9E3779B9 & 0xFFFFFFFF)
    for first in range(0, count, CHUNK):
        h = numpy.arange(first, min(first + CHUNK, count), dtype=numpy.uint32)
        h += offset
        h *= numpy.uint32(0x85EBCA6B)
        h ^= h >> numpy.uint32(13)
        h *= numpy.uint32(0xC2B2AE35)
        h ^= h >> numpy.uint32(16)
        values = (h >> numpy.uint32(8)).astype(numpy.float32)
        values *= numpy.float32(2**-24)
        values -= numpy.float32(0.5)
        result[first : first + CHUNK] = values * numpy.float32(scale)
    return result
