"""PyTorch as answering.py and the twins take it: on the processor, or on a GPU.

ATELIER_PEER_DEVICE is `cpu`, the default, or `gpu`: the accelerator that PyTorch finds.
"""

import os
import re

import torch


def device():
    if os.environ.get("ATELIER_PEER_DEVICE", "cpu") == "cpu":
        return torch.device("cpu")
    if not torch.accelerator.is_available():
        raise RuntimeError(f"PyTorch {torch.__version__} finds no GPU")
    return torch.accelerator.current_accelerator()


DEVICE = device()
ON_GPU = DEVICE.type != "cpu"


def describe():
    version = torch.__version__.split("+")[0]
    if ON_GPU:
        name = torch.cuda.get_device_name() if DEVICE.type == "cuda" else DEVICE.type
        return f"PyTorch {version} on {name}, CUDA {torch.version.cuda or '-'}"
    onednn = re.search(r"MKL-DNN v([\d.]+)", torch.__config__.show())
    inside = f"oneDNN {onednn[1]} inside" if onednn else "without oneDNN"
    capability = torch.backends.cpu.get_cpu_capability()
    return f"PyTorch {version}, {inside}, {capability}"


def use(cores):
    """Binds every thread there is; later ones inherit it."""
    torch.set_num_threads(len(cores))
    for thread in os.listdir("/proc/self/task"):
        os.sched_setaffinity(int(thread), cores)


def multiply_in(precision):
    """Whether a GPU may round the factors of float32 products to TF32: in its own rows alone."""
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.allow_tf32 = precision == "tf32"


def numbers(tensor):
    return tensor.detach().float().contiguous().cpu().numpy()


def finish():
    if ON_GPU:
        torch.accelerator.synchronize()
