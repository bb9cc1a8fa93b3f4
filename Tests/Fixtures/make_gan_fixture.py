#!/usr/bin/env python3
"""Makes gans/: tiny checkpoints, and what PyTorch makes of them, which GANTests compares.

    make_gan_fixture.py ATELIER [PRESET …]

Needs torch, numpy and safetensors. Each checkpoint is of a few steps on generated shapes.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import save_file

root = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "Benchmarks/peers"))
from gan import load  # noqa: E402

folder = root / "Tests/Fixtures/gans"
folder.mkdir(exist_ok=True)
PRESETS = "dcgan lsgan hinge wgan-gp r1 style excitation small-data conditional can dense".split()
for preset in sys.argv[2:] or PRESETS:
    with tempfile.TemporaryDirectory() as run:
        command = [sys.argv[1], "train", "gan", "--preset", preset, "--data", "shapes"]
        command += ["--size", "13x18", "--batch", "4", "--steps", "6", "--out", f"{run}/run"]
        command += ["--device", "cpu", "--rgb", "--set", "averageDecay=0"]
        # Noise that counts: its strength is 0 at first.
        command += ["--rate", "0.02"] if preset == "style" else []
        for setting in ("filters=3", "depth=2", "latentSize=4", "hidden=5,7"):
            command += ["--set", setting]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        checkpoint = Path(run) / "run/checkpoints/000006.safetensors"
        (folder / f"{preset}.safetensors").write_bytes(checkpoint.read_bytes())
    generator, critic, model = load(folder / f"{preset}.safetensors")
    latents = torch.randn(5, 4, generator=torch.Generator().manual_seed(1))
    labels = torch.arange(5) % max(len(model["classNames"]), 1)
    if model["isConditional"]:
        classes = torch.nn.functional.one_hot(labels, len(model["classNames"]))
        latents = torch.cat([latents, classes.float()], 1)
    with torch.no_grad():
        # As pictures are: no colour beyond black and white.
        made = generator(latents).clamp(-1, 1)
        arrays = {"latents": latents, "verdicts": critic(made, labels)}
        if critic.opinion is not None:
            arrays["classes"] = critic.opinion
    arrays["pictures"] = ((made.movedim(1, 3) + 1) / 2).contiguous()
    save_file(arrays, folder / f"{preset}-expected.safetensors")
