"""The classifier in PyTorch: loads a judge's, or a checkpoint's, safetensors file.

    python Benchmarks/peers/classifier.py JUDGE.safetensors PICTURES.npy

Prints the first pictures' class probabilities; PICTURES are [N, H, W, C] in 0…1. A twin of
Sources/Models/Classifier.swift: the same features and probabilities to 1e-3.
"""

import json
import sys

import numpy as np
import torch
from safetensors import safe_open
from torch import nn
from torch.nn import functional as F


class Classifier(nn.Module):
    def __init__(self, path):
        super().__init__()
        with safe_open(path, "pt") as file:
            self.model = json.loads(file.metadata()["model"])
            for name in file.keys():
                self.register_buffer(name.replace(".", "_"), file.get_tensor(name))

    def convolution(self, x, layer, bias=None, **geometry):
        # Ours are [out, down, across, in].
        return F.conv2d(x, getattr(self, f"body_{layer}_filter").movedim(3, 1), bias, **geometry)

    def dense(self, x, name):
        return F.linear(x, getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias"))

    def convolutional(self, x):
        count = len(self.model["filters"])
        for k in range(count):
            stride = 1 if k in (0, count - 1) else 2
            x = self.convolution(x, k, stride=stride, padding=1)
            names = ("runningMean", "runningVariance", "scale", "shift")
            statistics = [getattr(self, f"body_{k}_normalization_{name}") for name in names]
            x = F.relu(F.batch_norm(x, *statistics))
        return x.mean((2, 3))

    def lenet(self, x):
        x = F.max_pool2d(F.relu(self.convolution(x, 0, self.body_0_bias, padding=2)), 2)
        x = F.max_pool2d(F.relu(self.convolution(x, 1, self.body_1_bias)), 2)
        x = x.movedim(1, 3).flatten(1)  # channels last, as the weights have it
        return F.relu(self.dense(F.relu(self.dense(x, "body_2")), "body_3"))

    def forward(self, pictures):
        """Features and class probabilities of pictures [N, H, W, C] in 0…1."""
        features = getattr(self, self.model["preset"])((2 * pictures - 1).movedim(3, 1))
        return features, self.dense(features, "head").softmax(1)


if __name__ == "__main__":
    print(Classifier(sys.argv[1])(torch.from_numpy(np.load(sys.argv[2])).float())[1])
