"""The convolutional GAN in PyTorch, of a checkpoint of `atelier train gan`.

A twin of Sources/Models/GAN.swift: the same pictures of the same latent vectors, and the same
verdicts, to 1e-3.
"""

import json

from safetensors import safe_open
from torch.nn import functional as F


class GAN:
    def __init__(self, path):
        with safe_open(path, "pt") as file:
            self.model = json.loads(file.metadata()["model"])
            self.arrays = {name: file.get_tensor(name) for name in file.keys()}
        self.depth = self.model["depth"]

    def normalized(self, x, name, kind):
        if kind not in ("batch", "layer"):
            return x
        affine = [self.arrays[f"{name}.normalization.{part}"] for part in ("scale", "shift")]
        if kind == "layer":  # of all numbers of a picture
            return F.group_norm(x, 1, *affine)
        running = [f"{name}.normalization.running{part}" for part in ("Mean", "Variance")]
        return F.batch_norm(x, *(self.arrays[each] for each in running), *affine)

    def weight(self, name, part):
        weight = self.arrays[f"{name}.{part}"]
        if f"{name}.left" in self.arrays:
            left, right = self.arrays[f"{name}.left"], self.arrays[f"{name}.right"]
            weight = weight / (left @ weight.flatten(1) @ right)
        return weight

    def pictures(self, latents):
        """Pictures [N, H, W, C] in 0…1."""
        sizes = [
            [self.model[side] >> k for side in ("height", "width")] for k in range(self.depth + 1)
        ]
        x = F.linear(latents, self.arrays["generator.0.weight"])
        x = x.reshape(len(x), *sizes[-1], -1).movedim(3, 1)
        for k in range(1, self.depth + 1):
            x = F.relu(self.normalized(x, f"generator.{k - 1}", "batch"))
            spare = [a - 2 * b for a, b in zip(sizes[self.depth - k], x.shape[2:])]  # of odd sizes
            filters = self.arrays[f"generator.{k}.filter"].movedim(3, 1)
            x = F.conv_transpose2d(x, filters, self.arrays.get(f"generator.{k}.bias"), 2, 1, spare)
        return (x.tanh().movedim(1, 3) + 1) / 2

    def verdicts(self, pictures):
        """How real the critic takes pictures [N, H, W, C] in 0…1 to be, [N, 1]."""
        x = (2 * pictures - 1).movedim(3, 1)
        for k in range(self.depth):
            filters = self.weight(f"critic.{k}", "filter").movedim(3, 1)
            x = F.conv2d(x, filters, self.arrays.get(f"critic.{k}.bias"), 2, 1)
            kind = self.model["criticNormalization"]
            x = F.leaky_relu(self.normalized(x, f"critic.{k}", kind) if k > 0 else x, 0.2)
        last = f"critic.{self.depth}"
        x = x.movedim(1, 3).flatten(1)  # channels last, as the weights have it
        return F.linear(x, self.weight(last, "weight"), self.arrays[f"{last}.bias"])
