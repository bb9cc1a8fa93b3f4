#!/usr/bin/env python3
"""What the vendor's library does with square matrix products, by torch.matmul on the GPU.

    vendor_products.py       prints one JSON object: {"library", "rows": [{"name", ...}]}

Rows are float32 without and with TF32, and bfloat16, of the sizes of `atelier bench kernels` and
two larger ones; the best of several turns of queued products counts. ATELIER_PEER_DEVICE=gpu is
what it is for; on a processor, the default, rows are float32 and bfloat16. Needs torch.
"""

import json
import time

import pytorch
import torch

TURNS, SECONDS = 5, 0.05


def seconds_of(a, b):
    torch.matmul(a, b)
    pytorch.finish()
    best, count = float("inf"), 1
    for _ in range(TURNS):
        while True:
            began = time.perf_counter()
            for _ in range(count):
                torch.matmul(a, b)
            pytorch.finish()
            elapsed = time.perf_counter() - began
            if elapsed >= SECONDS:
                break
            count = max(count + 1, min(100 * count, int(1.2 * count * SECONDS / elapsed)))
        best = min(best, elapsed / count)
    return best


def rows():
    precisions = ["float32", "tf32", "bfloat16"] if pytorch.ON_GPU else ["float32", "bfloat16"]
    for precision in precisions:
        pytorch.multiply_in(precision)
        dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
        for side in [512, 1024, 2048] + [4096, 8192] * pytorch.ON_GPU:
            a, b = (torch.randn(side, side, device=pytorch.DEVICE).to(dtype) for _ in range(2))
            seconds = seconds_of(a, b)
            yield {
                "name": f"gemm-{side}",
                "precision": precision,
                "milliseconds": 1e3 * seconds,
                "gigaflops": 2 * side**3 / seconds * 1e-9,
            }


if __name__ == "__main__":
    print(json.dumps({"library": pytorch.describe(), "rows": list(rows())}))
