#!/usr/bin/env python3
# bench/pytorch_peers.py -- PyTorch's times for the layers of bench/layers, in a process of its own, as JSON
"""PyTorch eager and compiled on the layers of bench/layers, for `heddle_bench gpu --peers-json FILE`.

    python3 bench/pytorch_peers.py --json peers.json
    python3 bench/pytorch_peers.py --layers pooling,rows --type f32,f16 --direction forward,dx --json peers.json

The protocol is that of heddle_bench: a buffer of 256 MB is written before each call, CUDA events stand around it, the
median of the calls counts. cuDNN's search is on (torch.backends.cudnn.benchmark); images are measured in both layouts.
A gradient is timed as the call of the operator that computes it, on inputs that are there already.
"""

import argparse
import json
import pathlib
import sys

KINDS_WITH_LAYOUTS = ("convolution", "transposed_convolution", "max_pool", "average_pool")
DIRECTIONS = {
    "convolution": ("forward", "dx", "dw"),
    "transposed_convolution": ("forward", "dx", "dw"),
    "linear": ("forward", "dx", "dw"),
    "max_pool": ("forward", "dx"),
    "average_pool": ("forward", "dx"),
    "softmax": ("forward", "dx"),
    "cross_entropy": ("forward+dx",),
}
WITH_PRODUCTS = ("convolution", "transposed_convolution", "linear")
TYPES = ("f32", "tf32", "f16", "bf16")


def names(text):
    return [name for name in text.split(",") if name]


def read_layers(file, wanted):
    """Layers by their own names or their table's; all when none is named."""
    folder = pathlib.Path(__file__).resolve().parent / "layers"
    files = [pathlib.Path(file)] if file else sorted(f for f in folder.glob("*.json") if f.stem != "host")
    layers, known = [], []
    for path in files:
        rows = json.loads(path.read_text())
        known += [path.stem] + [row["name"] for row in rows]
        layers += [row for row in rows if not wanted or path.stem in wanted or row["name"] in wanted]
    for name in wanted:
        if name not in known:
            sys.exit(f"pytorch_peers.py: there is no layer or table '{name}'; there are {', '.join(known)}")
    return layers


class Clock:
    """Medians of calls, with a flushed cache before each."""

    def __init__(self, torch, seconds):
        self.torch, self.seconds = torch, seconds
        self.scratch = torch.empty(64 << 20, dtype=torch.int32, device="cuda")
        self.turn = 0

    def once(self, call):
        torch = self.torch
        start, stop = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        self.turn += 1
        self.scratch.fill_(self.turn)
        start.record()
        call()
        stop.record()
        torch.cuda.synchronize()
        return start.elapsed_time(stop) * 1e-3

    def sample(self, call):
        for _ in range(3):  # compiles, searches, loads
            estimate = self.once(call)
        count = int(min(100, max(10, self.seconds / max(estimate, 1e-6))))
        times = sorted(self.once(call) for _ in range(count))
        return times[count // 2], times[count * 3 // 4] - times[count // 4], count


def number_type(torch, name):
    return {"f16": torch.float16, "bf16": torch.bfloat16}.get(name, torch.float32)


def calls_of(torch, layer, direction, dtype, channels_last):
    """The eager call, and a function of tensors that torch.compile takes with its arguments; either may be None."""
    F = torch.nn.functional
    kind = layer["kind"]
    N, C = layer["N"], layer["C"]

    def random(*shape):
        t = (torch.rand(*shape, device="cuda") - 0.5).to(dtype)
        return t.contiguous(memory_format=torch.channels_last) if channels_last and len(shape) == 4 else t

    if kind in ("convolution", "transposed_convolution"):
        K, R, S, stride, padding = (layer[f] for f in ("K", "R", "S", "stride", "padding"))
        groups, dilation, transposed = layer.get("groups", 1), layer.get("dilation", 1), kind != "convolution"
        output_padding = layer.get("output_padding", 0)
        x = random(N, C, layer["H"], layer["W"])
        w = random(C, K, R, S) if transposed else random(K, C // groups, R, S)
        settings = (None, [stride] * 2, [padding] * 2, [dilation] * 2, transposed, [output_padding] * 2, groups)
        if direction == "forward":
            return (lambda: torch.convolution(x, w, *settings)), None
        y = torch.convolution(x, w, *settings)
        dy = random(*y.shape)
        mask = [direction == "dx", direction == "dw", False]
        return (lambda: torch.ops.aten.convolution_backward(dy, x, w, None, *settings[1:], mask)), None
    if kind in ("max_pool", "average_pool"):
        window = [layer["R"], layer["S"]], [layer["stride"]] * 2, [layer["padding"]] * 2
        x = random(N, C, layer["H"], layer["W"])
        if kind == "max_pool":
            forward = lambda x: torch.ops.aten.max_pool2d_with_indices(x, *window)
            if direction == "forward":
                return (lambda: forward(x)), (forward, (x,))
            y, places = forward(x)
            dy = random(*y.shape)
            backward = lambda dy, x, places: torch.ops.aten.max_pool2d_with_indices_backward(
                dy, x, *window, [1, 1], False, places)
            return (lambda: backward(dy, x, places)), (backward, (dy, x, places))
        forward = lambda x: torch.ops.aten.avg_pool2d(x, *window)
        if direction == "forward":
            return (lambda: forward(x)), (forward, (x,))
        dy = random(*forward(x).shape)
        backward = lambda dy, x: torch.ops.aten.avg_pool2d_backward(dy, x, *window, False, True, None)
        return (lambda: backward(dy, x)), (backward, (dy, x))
    if kind == "linear":
        K = layer["K"]
        if direction == "forward":
            x, w = random(N, C), random(K, C)
            return (lambda: F.linear(x, w)), None
        if direction == "dx":
            dy, w = random(N, K), random(K, C)
            return (lambda: dy @ w), None
        x, dy = random(N, C), random(N, K)
        return (lambda: dy.t() @ x), None
    if kind == "softmax":
        x = random(N, C)
        if direction == "forward":
            forward = lambda x: torch.softmax(x, 1)
            return (lambda: forward(x)), (forward, (x,))
        y, dy = torch.softmax(x, 1), random(N, C)
        backward = lambda dy, y: torch.ops.aten._softmax_backward_data(dy, y, 1, y.dtype)
        return (lambda: backward(dy, y)), (backward, (dy, y))
    x, classes = random(N, C), torch.randint(C, (N,), device="cuda")

    def loss_and_gradient(x, classes):
        """The loss of each row, and the gradient of their sum."""
        logarithms = torch.log_softmax(x.float(), 1)
        loss = -logarithms.gather(1, classes[:, None])[:, 0]
        return loss, (logarithms.exp() - F.one_hot(classes, x.shape[1])).to(x.dtype)

    def eager():
        leaf = x.detach().requires_grad_(True)
        F.cross_entropy(leaf, classes, reduction="sum").backward()

    return eager, (loss_and_gradient, (x, classes))


def measure(torch, layer, direction, kind_of_numbers, clock, compiled):
    """Rows for one case: eager and compiled, in each layout."""
    allow = kind_of_numbers == "tf32"
    torch.backends.cudnn.allow_tf32 = allow
    torch.backends.cuda.matmul.allow_tf32 = allow
    rows = []
    for layout in ("nchw", "nhwc") if layer["kind"] in KINDS_WITH_LAYOUTS else ("",):
        dtype = number_type(torch, kind_of_numbers)
        eager, function = calls_of(torch, layer, direction, dtype, layout == "nhwc")
        contestants = [("PyTorch eager", eager)]
        if compiled and function:
            code = torch.compile(function[0], dynamic=False)
            contestants.append(("PyTorch compiled", lambda: code(*function[1])))
        for name, call in contestants:
            label = f"{name} {layout}".strip()
            try:
                seconds, spread, count = clock.sample(call)
            except Exception as error:  # one that PyTorch has no kernel for is told, and left out
                print(f"{layer['name']} {direction} {kind_of_numbers}, {label}: {str(error).splitlines()[0]}",
                      file=sys.stderr)
                continue
            rows.append({"layer": layer["name"], "direction": direction, "type": kind_of_numbers, "name": label,
                         "seconds": seconds, "spread": spread, "repetitions": count})
            print(f"{layer['name']:28} {direction:10} {kind_of_numbers:5} {label:24} {seconds * 1e6:10.1f} us", flush=True)
        torch.compiler.reset()
        torch.cuda.empty_cache()
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", help="table of layers; those of bench/layers when absent")
    parser.add_argument("--layers", type=names, default=[], help="names of layers or tables; all when absent")
    parser.add_argument("--type", type=names, default=["f32"], help="f32, tf32, f16, bf16 (f32)")
    parser.add_argument("--direction", type=names, default=[], help="forward, dx, dw, forward+dx; all when absent")
    parser.add_argument("--time", type=float, default=0.1, help="seconds to measure each call (0.1)")
    parser.add_argument("--no-compiled", action="store_true", help="leave out torch.compile")
    parser.add_argument("--json", help="write the results to this file")
    parser.add_argument("--list", action="store_true", help="say which cases there are, and measure nothing")
    given = parser.parse_args()
    for name in given.type:
        if name not in TYPES:
            sys.exit(f"pytorch_peers.py: '{name}' is no type; there are {', '.join(TYPES)}")
    cases = [(layer, direction, kind_of_numbers)
             for layer in read_layers(given.file, given.layers)
             for direction in DIRECTIONS[layer["kind"]] if not given.direction or direction in given.direction
             for kind_of_numbers in given.type if kind_of_numbers != "tf32" or layer["kind"] in WITH_PRODUCTS]
    if given.list:
        for layer, direction, kind_of_numbers in cases:
            print(layer["name"], direction, kind_of_numbers)
        return
    try:
        import torch
    except ImportError as error:
        sys.exit(f"pytorch_peers.py: {error}")
    if not torch.cuda.is_available():
        sys.exit("pytorch_peers.py: PyTorch sees no CUDA device")
    torch.backends.cudnn.benchmark = True
    clock = Clock(torch, given.time)
    report = {"device": torch.cuda.get_device_name(), "program": f"PyTorch {torch.__version__}, "
              f"cuDNN {torch.backends.cudnn.version()}", "results": []}
    for layer, direction, kind_of_numbers in cases:
        report["results"] += measure(torch, layer, direction, kind_of_numbers, clock, not given.no_compiled)
        if given.json:
            pathlib.Path(given.json).write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
