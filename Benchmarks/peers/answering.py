"""Answers the requests of `atelier bench` on stdin, a line of JSON each way, for any library.

    {"ask": "hello"}                                      -> {"description", "folder"}
    {"ask": "use", "cores": [0, 1]}                       -> {}            a thread a core
    {"ask": "prepare", "peers", ...}                      -> {"contenders"}
    {"ask": "turn", "contender": 0, "seconds": 0.02}      -> {"milliseconds"}
    {"ask": "release"}                                    -> {}

A contender is {"peer", "variant", "results": paths of files of float32, "weights": such paths by
name}. What cannot be done is answered by {"error": why}. The folder is for files that go either
way, and is removed in the end.

A library is an object, or a module, with describe() -> str, numbers(its tensor) -> a float32 array
of numpy, and finish(), which waits for calls that were only queued.
"""

import itertools
import json
import os
import sys
import tempfile
import time

# What libraries print belongs to people; answers have the stream to themselves.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def answer(members):
    print(json.dumps(members), file=answers, flush=True)


def give_up(kind, error, trace):
    """What stops a script before it serves, such as a library that is not here, is answered too."""
    answer({"error": str(error)})


sys.excepthook = give_up
calls = []


def turn(request, finish):
    """Ever longer runs of calls until one lasts long enough, which counts."""
    call, seconds = calls[request["contender"]], request["seconds"]
    count = 1
    while True:
        began = time.perf_counter()
        for _ in range(count):
            call()
        finish()
        elapsed = time.perf_counter() - began
        if elapsed >= seconds:
            return {"milliseconds": 1e3 * elapsed / count}
        wanted = 1.2 * seconds / max(elapsed, 1e-9)
        count = max(count + 1, int(count * min(wanted, 100)))


def release(_):
    calls.clear()
    return {}


def serve(library, contenders):
    """Answers until the requests end.

    contenders(request) yields (peer, variant, call, results, weights): what is timed, tensors that
    it computed before, and by name those that it changed meanwhile.
    """
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        try:
            serve_in(folder, library, contenders)
        except KeyboardInterrupt:
            pass  # whoever asked was interrupted too


def serve_in(folder, library, contenders):
    def hello(_):
        return {"description": library.describe(), "folder": folder}

    def use(request):
        library.use(request["cores"])
        return {}

    def prepare(request):
        release(request)
        prepared, numbers = [], itertools.count()

        def file(tensor):
            path = os.path.join(folder, f"{next(numbers)}.f32")
            library.numbers(tensor).tofile(path)
            return path

        for peer, variant, call, results, weights in contenders(request):
            calls.append(call)
            prepared.append(
                {
                    "peer": peer,
                    "variant": variant,
                    "results": [file(result) for result in results],
                    "weights": {name: file(tensor) for name, tensor in weights.items()},
                }
            )
        return {"contenders": prepared}

    requests = {
        "hello": hello,
        "use": use,
        "prepare": prepare,
        "turn": lambda request: turn(request, library.finish),
        "release": release,
    }
    for line in sys.stdin:
        try:
            request = json.loads(line)
            answer(requests[request["ask"]](request))
        except Exception as error:  # told to whoever asked
            answer({"error": f"{type(error).__name__}: {error}"})
