#!/usr/bin/env python3
"""Golden vectors: Atelier's operations and their gradients as PyTorch computes them in float64.

    python3 Tests/Fixtures/make_golden_vectors.py        (torch 2.15, numpy 2, safetensors 0.8)

writes golden.safetensors beside this file; the same versions write the same bytes.

Format
------
The file's metadata has one key, `atelier.golden`: JSON with `torch` (version) and `cases` (from a
case's name to its parameters, `op` among them). A tensor is named `<case>/<what>`, case names hold
no slash:

    conv2d-stride-2/x          an input, by the name that the case's function gives it
    conv2d-stride-2/y          the output
    conv2d-stride-2/dy         the upstream gradient, where the case has gradients
    conv2d-stride-2/dx         d(sum of y * dy) / dx, likewise `dfilter`, `dbias`, ...

Inputs and `dy` are float32 (indices int32). Everything computed from them is float64, computed in
float64 from those very values, so it is the truth for both precisions; positions (argmax, max
pooling's flat `index` into x) are int32. Parameters that are not whole are float32 numbers.
Models (gradient penalty, VAE) have a scalar `loss` instead of `y`, no `dy`, and its gradients; a
VAE's weights have Atelier's names: `dencoder.0.bias` is the gradient of `encoder.0.bias`.
Generative Relational Context (`grc-...`) has `lossG` and `lossR`, after `dlossG.` the gradient of
lossG alone, after `d` that of both, after `after1.` and `after5.` the parameters after so many
updates.
Optimisers take `parameter` [count] and `gradients` [steps, count]; `parameters` [steps, count] is
the parameter after each step.

Layouts are Atelier's: pictures [N, H, W, C]; filters [Cout, Kh, Kw, Cin / groups]; a transposed
convolution's filter is that of the convolution whose adjoint it is, [Cin, Kh, Kw, Cout / groups];
dense weights [out, in]. Pairs are [vertical, horizontal].
"""

from pathlib import Path

import torch

from golden import models, operations, recording, relational_context


def main():
    torch.set_num_threads(1)  # one fixed order of summation
    operations.record()
    models.record()
    relational_context.record()
    recording.save(Path(__file__).with_name("golden.safetensors"))


if __name__ == "__main__":
    main()
