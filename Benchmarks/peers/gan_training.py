"""Trains the networks of gan.py as `atelier train gan` does, and writes what they make.

    python Benchmarks/peers/gan_training.py CHECKPOINT OUT.npz --steps N --seed S

Sizes, losses and penalties are those of the checkpoint's configuration, first weights PyTorch's own
draw of the same law. OUT.npz holds 10,000 pictures of the averaged generator, `images` in 0…255,
for `atelier evaluate OUT.npz --data fashion-mnist`. Prints one JSON object. What a killed training
kept in OUT.pt is gone on with, bit for bit.
"""

import argparse
import gzip
import json
import resource
import time
from pathlib import Path

import numpy as np
import torch
from gan import networks
from safetensors import safe_open
from torch.nn import functional as F


def critic_loss(kind, real, made):
    return {
        "nonsaturating": lambda: F.softplus(-real).mean() + F.softplus(made).mean(),
        "leastSquares": lambda: ((real - 1).square().mean() + made.square().mean()) / 2,
        "hinge": lambda: F.relu(1 - real).mean() + F.relu(1 + made).mean(),
        "wasserstein": lambda: made.mean() - real.mean(),
    }[kind]()


def generator_loss(kind, made):
    return {
        "nonsaturating": lambda: F.softplus(-made).mean(),
        "leastSquares": lambda: (made - 1).square().mean() / 2,
    }.get(kind, lambda: -made.mean())()


def slope(critic, x):
    x = x.detach().requires_grad_()
    return torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0].flatten(1)


def pictures(model):
    data = Path("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte")
    raw = data.read_bytes() if data.exists() else gzip.open(f"{data}.gz").read()
    x = np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 1, 28, 28)
    room = [(model[side] - 28) // 2 for side in ("height", "width")]
    rest = [model[side] - 28 - r for side, r in zip(("height", "width"), room)]
    return torch.from_numpy(np.pad(x, [(0, 0), (0, 0), *zip(room, rest)]))


class Kept:
    """State of a training in a file, so that hours of it survive the process."""

    EVERY = 500

    def __init__(self, path, **parts):
        self.path, self.parts = Path(path), parts

    def write(self, **rest):
        state = {name: part.state_dict() for name, part in self.parts.items()}
        being = self.path.with_suffix(".part")
        torch.save(state | rest | {"random": torch.get_rng_state()}, being)
        being.replace(self.path)

    def read(self):
        """What was written beside the parts, which are as they were; nothing: no file."""
        if not self.path.exists():
            return {}
        state = torch.load(self.path)
        for name, part in self.parts.items():
            part.load_state_dict(state.pop(name))
        torch.set_rng_state(state.pop("random"))
        return state


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint")
    parser.add_argument("out")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with safe_open(arguments.checkpoint, "pt") as file:
        model = json.loads(file.metadata()["model"])
        training = json.loads(file.metadata()["training"])
    torch.manual_seed(arguments.seed)
    generator, critic = (x.to(memory_format=torch.channels_last) for x in networks(model))
    optimizer, rate, size = (
        training["optimizer"],
        training["schedule"]["peak"],
        training["batchSize"],
    )
    betas = float(optimizer["beta1"]), float(optimizer["beta2"])
    adam = {"betas": betas, "eps": optimizer["epsilon"]}
    of_generator = torch.optim.Adam(generator.parameters(), rate, **adam)
    of_critic = torch.optim.Adam(critic.parameters(), rate * model["criticRate"], **adam)
    average = torch.optim.swa_utils.AveragedModel(
        generator,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(optimizer["averageDecay"]),
    )
    data, kind = pictures(model), model["loss"]
    order, place = torch.randperm(len(data)), 0
    kept = Kept(
        Path(arguments.out).with_suffix(".pt"),
        generator=generator,
        critic=critic,
        of_generator=of_generator,
        of_critic=of_critic,
        average=average,
    )
    found = kept.read()
    order, place = found.get("order", order), found.get("place", place)
    begin = time.perf_counter() - found.get("seconds", 0)
    for step in range(found.get("step", 0) + 1, arguments.steps + 1):
        if place + size > len(order):
            order, place = torch.randperm(len(data)), 0
        real = data[order[place : place + size]].float() / 127.5 - 1
        real = real.contiguous(memory_format=torch.channels_last)
        place += size
        updates = step % model["criticSteps"] == 0
        with torch.set_grad_enabled(updates):
            made = generator(torch.randn(size, model["latentSize"]))
        loss = critic_loss(kind, critic(real), critic(made.detach()))
        if (step - 1) % model["penaltyEvery"] == 0:
            every = model["penaltyEvery"]
            if model["r1"] > 0:
                loss = loss + every * model["r1"] / 2 * slope(critic, real).square().sum(1).mean()
            if model["gradientPenalty"] > 0:
                share = torch.rand(size, 1, 1, 1)
                norm = slope(critic, made + share * (real - made)).norm(dim=1)
                loss = loss + every * model["gradientPenalty"] * (norm - 1).square().mean()
        of_critic.zero_grad()
        loss.backward()
        of_critic.step()
        if updates:
            of_generator.zero_grad()
            generator_loss(kind, critic(made)).backward()
            of_generator.step()
            average.update_parameters(generator)
        if step % kept.EVERY == 0:
            kept.write(step=step, order=order, place=place, seconds=time.perf_counter() - begin)
    seconds = time.perf_counter() - begin
    # Statistics of the averages: the mean of eight batches', as ours.
    for layer in average.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None
    with torch.no_grad():
        for _ in range(8):
            average(torch.randn(64, model["latentSize"]))
    average.eval()
    with torch.no_grad():
        made = [average(torch.randn(100, model["latentSize"])) for _ in range(100)]
    made = (torch.cat(made).movedim(1, 3) * 127.5 + 128).clamp(0, 255).to(torch.uint8)
    top, left = ((model[side] - 28) // 2 for side in ("height", "width"))
    np.savez(arguments.out, images=made[:, top : top + 28, left : left + 28].numpy())
    kept.path.unlink(missing_ok=True)
    told = {"steps": arguments.steps, "seed": arguments.seed, "seconds": seconds}
    # Linux counts in KiB.
    told["peakBytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(told))


if __name__ == "__main__":
    main()
