"""The reference step of bench/pix2pix.ts in PyTorch: prints one JSON line with the milliseconds of each step.

python3 bench/pix2pix.py SIZE BATCH THREADS STEPS [MODE]

MODE: default (as PyTorch comes), tuned (channels_last, fused Adam), and on a GPU cuda, cuda-tuned, cuda-graph (the
whole step captured once and replayed).
"""

import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

size, batch, threads, steps = map(int, sys.argv[1:5])
mode = sys.argv[5] if len(sys.argv) > 5 else "default"
device = "cuda" if mode.startswith("cuda") else "cpu"
tuned = mode in ("tuned", "cuda-tuned", "cuda-graph")
torch.set_num_threads(threads)
torch.backends.cuda.matmul.allow_tf32 = True
torch.manual_seed(1)

DOWN, UP, PATCH = [32, 64, 128, 256], [128, 64, 32, 16], [32, 64, 128]


def normalize(channels):
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.up, channels = nn.ModuleList(), nn.ModuleList(), 1
        for level, filters in enumerate(DOWN):
            convolution = nn.Conv2d(channels, filters, 4, 2, 1, bias=level == 0)
            self.down.append(nn.Sequential(convolution, normalize(filters) if level else nn.Identity()))
            channels = filters
        for level, filters in enumerate(UP):
            self.up.append(nn.Sequential(nn.Conv2d(channels, filters, 3, padding=1, bias=False), normalize(filters)))
            channels = filters + (DOWN[2 - level] if level < 3 else 0)
        self.output = nn.Conv2d(channels, 3, 3, padding=1)

    def forward(self, x):
        skips = []
        for layer in self.down:
            x = F.leaky_relu(layer(x), 0.2)
            skips.append(x)
        skips.pop()
        for layer in self.up:
            x = F.relu(layer(F.interpolate(x, scale_factor=2)))
            if skips:
                x = torch.cat([x, skips.pop()], 1)
        return torch.tanh(self.output(x))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers, channels = nn.ModuleList(), 4
        for level, filters in enumerate(PATCH):
            convolution = nn.Conv2d(channels, filters, 4, 2, 1, bias=level == 0)
            self.layers.append(nn.Sequential(convolution, normalize(filters) if level else nn.Identity()))
            channels = filters
        self.output = nn.Conv2d(channels, 1, 4, padding="same")

    def forward(self, line, picture):
        x = torch.cat([line, picture], 1)
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
        return self.output(x)


memory_format = torch.channels_last if tuned else torch.contiguous_format
g, d = (model.to(device, memory_format=memory_format) for model in (Generator(), Discriminator()))
options = {"fused": True} if tuned else {}
if mode == "cuda-graph":
    options["capturable"] = True
adam_g, adam_d = (torch.optim.Adam(model.parameters(), 2e-4, (0.5, 0.999), **options) for model in (g, d))
line, colour = (
    (torch.rand(batch, channels, size, size) * 2 - 1).to(device, memory_format=memory_format) for channels in (1, 3)
)


def bce(logits, real):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, real))


# One forward pass of the generator serves both updates.
def step():
    picture = g(line)
    d.requires_grad_(False)
    g_loss = bce(d(line, picture), 1.0) + 100 * F.l1_loss(picture, colour)
    adam_g.zero_grad(set_to_none=True)
    g_loss.backward()
    adam_g.step()
    d.requires_grad_(True)
    d_loss = (bce(d(line, colour), 1.0) + bce(d(line, picture.detach()), 0.0)) / 2
    adam_d.zero_grad(set_to_none=True)
    d_loss.backward()
    adam_d.step()
    return d_loss, g_loss


def captured():
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        losses = step()

    def replay():
        graph.replay()
        return losses

    return replay


run = captured() if mode == "cuda-graph" else step
times = []
for _ in range(steps):
    start = time.perf_counter()
    for loss in run():
        loss.item()
    times.append((time.perf_counter() - start) * 1000)
# batch, size, channels in, channels out, filter, stride: as in bench/convolutions.ts
SHAPES = [
    (8, 32, 32, 64, 4, 2),
    (8, 16, 64, 128, 4, 2),
    (8, 8, 128, 256, 4, 2),
    (8, 8, 256, 128, 3, 1),
    (8, 16, 256, 64, 3, 1),
    (8, 32, 128, 32, 3, 1),
    (8, 64, 64, 16, 3, 1),
]


def fastest(run, repetitions=10):
    best = float("inf")
    for _ in range(repetitions):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def convolution_rates():
    seconds, flops = {"forward": 0, "input gradient": 0, "filter gradient": 0}, 0
    for n, side, inputs, outputs, kernel, stride in SHAPES:
        x, w = torch.rand(n, inputs, side, side), torch.rand(outputs, inputs, kernel, kernel)
        dy = torch.rand_like(F.conv2d(x, w, None, stride, 1))

        def backward(mask):
            return torch.ops.aten.convolution_backward(
                dy, x, w, None, [stride] * 2, [1, 1], [1, 1], False, [0, 0], 1, mask
            )

        seconds["forward"] += fastest(lambda: F.conv2d(x, w, None, stride, 1))
        seconds["input gradient"] += fastest(lambda: backward([True, False, False]))
        seconds["filter gradient"] += fastest(lambda: backward([False, True, False]))
        flops += 2 * dy.numel() * kernel * kernel * inputs
    return {name: flops / total / 1e9 for name, total in seconds.items()}


device_megabytes = torch.cuda.max_memory_allocated() / 2**20 if device == "cuda" else 0
parameters = sum(p.numel() for model in (g, d) for p in model.parameters())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(
    json.dumps(
        {
            "version": torch.__version__,
            "parameters": parameters,
            "times": times,
            "megabytes": peak,
            "device_megabytes": device_megabytes,
            "rates": convolution_rates() if device == "cpu" else None,
        }
    )
)
