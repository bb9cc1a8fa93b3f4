#!/usr/bin/env python3
"""Which instructions of NVIDIA's matrix units an OpenCL driver assembles, and whether they deliver.

    matrix_units.py      prints one JSON object: {"device", "probes": [{"name", "outcome", "log"}]}

Each probe is a kernel of one warp around one instruction of PTX, whose result has a formula:
fragments are laid out as the PTX manual says (ISA 8, "Matrix multiply-accumulate operation using
mma instruction"). An outcome is `delivers`, `assembles, and delivers something else` or `does not
assemble`. `plain` has no PTX and shows that the rest works. Needs libOpenCL and nothing else; on a
device that is not NVIDIA's only `plain` is tried.
"""

import ctypes
import json
import struct
import sys

LANES = 32

# Every kernel gets words[256], a word being its own index, and leaves 4 words a lane.
HEAD = """
kernel void probe(global const uint *words, global uint *result) {
  const uint lane = get_local_id(0), row = lane / 4, column = lane % 4;
  local uint tile[256] __attribute__((aligned(128)));
  uint r0 = 0, r1 = 0, r2 = 0, r3 = 0;
"""
TAIL = """
  result[lane * 4] = r0; result[lane * 4 + 1] = r1;
  result[lane * 4 + 2] = r2; result[lane * 4 + 3] = r3;
}
"""
FILL = """
  for (uint i = lane; i < 256; i += 32) tile[i] = words[i];
  barrier(CLK_LOCAL_MEM_FENCE);
"""

PLAIN = """
  r0 = tile[lane]; r1 = row; r2 = column; r3 = lane;
"""

# Four tiles of 8 x 8 halves: word w of the tile holds the halves 2 w and 2 w + 1.
LDMATRIX = """
  const uint address = (uint)(size_t)(tile + lane * 4);
  __asm__ volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r0), "=r"(r1), "=r"(r2), "=r"(r3) : "r"(address) : "memory");
"""

CP_ASYNC = """
  const uint address = (uint)(size_t)(tile + lane * 4);
  __asm__ volatile("cp.async.ca.shared.global [%0], [%1], 16;"
               :: "r"(address), "l"((ulong)(words + 4 * (31 - lane))) : "memory");
  __asm__ volatile("cp.async.commit_group;" ::: "memory");
  __asm__ volatile("cp.async.wait_group 0;" ::: "memory");
  barrier(CLK_LOCAL_MEM_FENCE);
  r0 = tile[lane * 4]; r1 = tile[lane * 4 + 1]; r2 = tile[lane * 4 + 2]; r3 = tile[lane * 4 + 3];
"""

# A[i][k] = i + k and B[k][j] = k - j: small whole numbers, exact in every format.
MMA = """
  float d0, d1, d2, d3;
  __asm__ volatile("mma.sync.aligned.{shape} {{%0, %1, %2, %3}}, {{%4, %5, %6, %7}}, {{%8, %9}}, "
               "{{%10, %10, %10, %10}};"
               : "=f"(d0), "=f"(d1), "=f"(d2), "=f"(d3)
               : "r"({a00}), "r"({a10}), "r"({a01}), "r"({a11}), "r"({b0}), "r"({b1}), "f"(0.0f));
  r0 = as_uint(d0); r1 = as_uint(d1); r2 = as_uint(d2); r3 = as_uint(d3);
"""


def mma(shape, depth, element):
    """element(row or k, k or column, formula) is C for a register of A or B."""
    half = depth // 2
    return MMA.format(
        shape=shape,
        a00=element("row", "0", "+", "a"),
        a10=element("(row + 8)", "0", "+", "a"),
        a01=element("row", str(half), "+", "a"),
        a11=element("(row + 8)", str(half), "+", "a"),
        b0=element("row", "0", "-", "b"),
        b1=element("row", str(half), "-", "b"),
    )


def tf32(line, first, sign, which):
    k = f"(column + {first})"
    value = f"{line} + {k}" if which == "a" else f"{k}) - (int)({line}"
    return f"as_uint((float)((int)({value})))"


def bfloat16(line, first, sign, which):
    def half(offset):
        k = f"(2 * column + {first} + {offset})"
        value = f"{line} + {k}" if which == "a" else f"{k}) - (int)({line}"
        return f"(as_uint((float)((int)({value}))) >> 16)"

    return f"({half(0)} | ({half(1)} << 16))"


def words_of_product(depth):
    def element(i, j):
        return float(sum((i + k) * (k - j) for k in range(depth)))

    for lane in range(LANES):
        i, j = lane // 4, 2 * (lane % 4)
        values = [element(i, j), element(i, j + 1), element(i + 8, j), element(i + 8, j + 1)]
        yield list(struct.unpack("4I", struct.pack("4f", *values)))


PROBES = [
    ("plain", FILL + PLAIN, [[n, n // 4, n % 4, n] for n in range(LANES)]),
    ("ldmatrix", FILL + LDMATRIX, [[32 * i + n for i in range(4)] for n in range(LANES)]),
    ("cp.async", CP_ASYNC, [[4 * (31 - n) + i for i in range(4)] for n in range(LANES)]),
    (
        "mma.sync tf32",
        mma("m16n8k8.row.col.f32.tf32.tf32.f32", 8, tf32),
        list(words_of_product(8)),
    ),
    (
        "mma.sync bf16",
        mma("m16n8k16.row.col.f32.bf16.bf16.f32", 16, bfloat16),
        list(words_of_product(16)),
    ),
]


class OpenCL:
    """The first GPU, else the first device, of all platforms."""

    def __init__(self):
        self.cl = ctypes.CDLL("libOpenCL.so.1")
        for name in ["Context", "CommandQueue", "Buffer", "ProgramWithSource", "Kernel"]:
            getattr(self.cl, f"clCreate{name}").restype = ctypes.c_void_p
        self.device = self.first_device()
        self.name, self.vendor = self.text(0x102B), self.text(0x102C)
        device, code = ctypes.c_void_p(self.device), ctypes.c_int()
        self.context = ctypes.c_void_p(
            self.cl.clCreateContext(None, 1, ctypes.byref(device), None, None, ctypes.byref(code))
        )
        self.queue = ctypes.c_void_p(
            self.cl.clCreateCommandQueue(
                self.context, device, ctypes.c_uint64(0), ctypes.byref(code)
            )
        )
        check(code.value, "clCreateCommandQueue")

    def first_device(self):
        platforms = self.listed(self.cl.clGetPlatformIDs)
        for kind in [4, 0xFFFFFFFF]:
            for platform in platforms:
                found = self.listed(
                    self.cl.clGetDeviceIDs, ctypes.c_void_p(platform), ctypes.c_uint64(kind)
                )
                if found:
                    return found[0]
        raise RuntimeError("no OpenCL device is here")

    def listed(self, function, *arguments):
        count = ctypes.c_uint(0)
        if function(*arguments, 0, None, ctypes.byref(count)) != 0:
            return []
        items = (ctypes.c_void_p * count.value)()
        check(function(*arguments, count.value, items, None), function.__name__)
        return list(items)

    def text(self, key):
        buffer = ctypes.create_string_buffer(1024)
        size = ctypes.c_size_t(1024)
        self.cl.clGetDeviceInfo(ctypes.c_void_p(self.device), key, size, buffer, None)
        return buffer.value.decode()

    def run(self, source):
        """What the kernel left, or None and the compiler's words."""
        code, device = ctypes.c_int(), ctypes.c_void_p(self.device)
        text = ctypes.c_char_p(source.encode())
        program = ctypes.c_void_p(
            self.cl.clCreateProgramWithSource(
                self.context, 1, ctypes.byref(text), None, ctypes.byref(code)
            )
        )
        built = self.cl.clBuildProgram(program, 1, ctypes.byref(device), b"", None, None)
        log = ctypes.create_string_buffer(1 << 16)
        self.cl.clGetProgramBuildInfo(program, device, 0x1183, ctypes.c_size_t(1 << 16), log, None)
        if built != 0:
            return None, log.value.decode(errors="replace")
        kernel = ctypes.c_void_p(self.cl.clCreateKernel(program, b"probe", ctypes.byref(code)))
        check(code.value, "clCreateKernel")
        words, result = (ctypes.c_uint * 256)(*range(256)), (ctypes.c_uint * 128)()
        buffers = [self.buffer(words), self.buffer(result)]
        for place, buffer in enumerate(buffers):
            self.cl.clSetKernelArg(kernel, place, ctypes.c_size_t(8), ctypes.byref(buffer))
        size = ctypes.c_size_t(LANES)
        check(
            self.cl.clEnqueueNDRangeKernel(
                *(self.queue, kernel, 1, None, ctypes.byref(size), ctypes.byref(size)),
                *(0, None, None),
            ),
            "clEnqueueNDRangeKernel",
        )
        check(
            self.cl.clEnqueueReadBuffer(
                *(self.queue, buffers[1], 1, ctypes.c_size_t(0), ctypes.c_size_t(512), result),
                *(0, None, None),
            ),
            "clEnqueueReadBuffer",
        )
        return list(result), log.value.decode(errors="replace")

    def buffer(self, values):
        code = ctypes.c_int()
        buffer = self.cl.clCreateBuffer(
            self.context,
            ctypes.c_uint64(1 | 32),  # read and write, copied from the host
            ctypes.c_size_t(ctypes.sizeof(values)),
            values,
            ctypes.byref(code),
        )
        check(code.value, "clCreateBuffer")
        return ctypes.c_void_p(buffer)


def check(code, function):
    if code != 0:
        raise RuntimeError(f"{function} failed with {code}")


def outcome(device, body, expected):
    try:
        found, log = device.run(HEAD + body + TAIL)
    except RuntimeError as error:
        return "assembles, and does not run", str(error)
    if found is None:
        return "does not assemble", log
    wanted = [word for lane in expected for word in lane]
    if found == wanted:
        return "delivers", log
    first = next(i for i in range(128) if found[i] != wanted[i])
    words = f"word {first} is {found[first]:#x}, {wanted[first]:#x} is expected"
    return "assembles, and delivers something else", words


def main():
    device = OpenCL()
    probes = []
    for name, body, expected in PROBES:
        if name != "plain" and "NVIDIA" not in device.vendor:
            continue
        result, log = outcome(device, body, expected)
        print(f"{name}: {result}", file=sys.stderr)
        probes.append({"name": name, "outcome": result, "log": log.strip()[-2000:]})
    print(json.dumps({"device": device.name, "vendor": device.vendor, "probes": probes}))


if __name__ == "__main__":
    main()
