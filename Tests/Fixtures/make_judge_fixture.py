#!/usr/bin/env python3
"""Makes judges.safetensors: what PyTorch sees with the judges' weights, which JudgeTests compares.

Needs torch, numpy and safetensors; the pictures are blots of light, the same in every run.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

root = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "Benchmarks/peers"))
from classifier import Classifier  # noqa: E402

y, x = np.mgrid[0:28, 0:28]
blots = [
    np.exp(-(((x - 14 + 3 * np.cos(k)) / (3 + k)) ** 2) - ((y - 14 + 2 * np.sin(2 * k)) / 8) ** 2)
    for k in range(8)
]
pixels = np.round(255 * np.stack(blots)).astype(np.float32).reshape(8, 28, 28, 1)
arrays = {"pictures": torch.from_numpy(pixels)}
for name in ("fd-f", "fd-f2"):
    twin = Classifier(root / f"Sources/Evaluation/Judges/{name}-v1.safetensors")
    features, probabilities = twin(torch.from_numpy(pixels / 255))
    arrays[f"{name}.features"], arrays[f"{name}.probabilities"] = features, probabilities
save_file(arrays, root / "Tests/Fixtures/judges.safetensors")
