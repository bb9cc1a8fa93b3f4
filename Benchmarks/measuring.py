"""What measurements have in common: programs that print objects, quiet, files of results."""

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

ALLOWED, ATTEMPTS = 0.05, 4  # of a core; runs


class Refusal(Exception):
    """Why there is no comparison, with the exit status."""

    def __init__(self, sentence, status=1):
        super().__init__(sentence)
        self.status = status


class Load:
    """What others use of the machine while something runs."""

    def __init__(self, is_watched):
        self.is_watched, self.most = is_watched, 0.0
        if is_watched:
            self.quietly(lambda: time.sleep(2))

    @staticmethod
    def reading():
        """Seconds: a clock that goes on, those that all cores were busy, and our part of them."""
        fields = [int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
        # user nice system, irq softirq steal: what the machine's host takes is others' too
        busy = sum(fields[:3] + fields[5:8]) / os.sysconf("SC_CLK_TCK")
        usages = [
            resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        ]
        return time.monotonic(), busy, sum(usage.ru_utime + usage.ru_stime for usage in usages)

    def quietly(self, run):
        """What `run` gives when others leave it alone."""
        for _ in range(ATTEMPTS):
            before = self.reading()
            result = run()
            clock, busy, own = (b - a for a, b in zip(before, self.reading(), strict=True))
            # Clocks tick 100 times a second, on each core: short runs leave that much in doubt.
            doubt = os.cpu_count() / os.sysconf("SC_CLK_TCK")
            share = max(0, busy - own - doubt) / clock
            if share <= ALLOWED or not self.is_watched:
                self.most = max(self.most, share)
                return result
        raise Refusal(
            f"void: others used {100 * share:.0f} % of a core; --provisional compares all the same",
            75,
        )


def output(command, who, limit=None):
    """The object that a program prints last; None where it takes longer than `limit` seconds."""
    words = [str(part) for part in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return None
    except OSError as error:
        raise Refusal(f"{who} does not start: {error}") from error
    if done.returncode:
        words = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise Refusal(f"{who} gave up: {words[-1]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def gan_training(atelier, words, run):
    """Trains a GAN in a new folder, or goes on where it was stopped; without sheets and metrics.

    What it told at the end, its seconds those since it went on, and `peakBytes` of its process.
    """
    command = [atelier, "train", "gan", *words, "--device", "cpu", "--json"]
    for cadence, steps in (("sampleEvery", 0), ("checkpointEvery", 500), ("evaluateEvery", 0)):
        command += ["--set", f"{cadence}={steps}"]
    begun = any(Path(run).glob("checkpoints/*.safetensors"))
    if not begun:
        shutil.rmtree(run, ignore_errors=True)
    told = output([*command, "--resume" if begun else "--out", run], "atelier")
    last = json.loads((Path(run) / "stats.jsonl").read_text().splitlines()[-1])
    return told | {"peakBytes": last["peakHostBytes"]}


def device(instruction_set):
    """This machine's processor and what Atelier computed with, such as `AMD EPYC, avx512`."""
    names = re.findall(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{names[0] if names else 'unnamed processor'}, {instruction_set}"


def instruction_set(checkpoint):
    """Of the metadata of a safetensors file, which is JSON behind its length in 8 bytes."""
    with open(checkpoint, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return header["__metadata__"]["instructionSet"]


def write(report, folder):
    """Writes a new file, named by date and device, so that no run takes another's place.

    Fits stand one a line.
    """
    words = re.findall(r"[a-z0-9]+", report["device"].lower())
    name, number = "-".join([report["date"], *words, report["kind"]]), 1
    file = Path(folder) / f"{name}.json"
    while file.exists():
        number += 1
        file = Path(folder) / f"{name}-{number}.json"
    fits = report.get("fits", [])
    text = json.dumps(report | {"fits": []} if fits else report, indent=2)
    lines = ",\n".join(f"    {json.dumps(fit)}" for fit in fits)
    file.write_text(text.replace('"fits": []', f'"fits": [\n{lines}\n  ]') + "\n")
    print(f"written: {file}", file=sys.stderr)
