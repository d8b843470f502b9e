"""Trains a network of networks.py step by step, as bench/models.ts asks for it line by line.

python3 bench/models/worker.py NAME FOLDER THREADS MODE     (MODE: eager, compile, fused)
"""

import json
import pathlib
import resource
import sys
import time

import numpy as np
import torch
from networks import network
from torch.nn import functional as F

name, folder, threads, mode = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
torch.set_num_threads(threads)
description = json.loads((folder / "network.json").read_text())


def arrays(file, shapes):
    values = np.fromfile(folder / file, np.float32)
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    return [part.reshape(shape) for part, shape in zip(np.split(values, ends[:-1]), shapes)]


model = network(name, arrays("weights.bin", description["weights"]), mode)
is_picture = any(isinstance(m, torch.nn.Conv2d) for m in model.modules())
if is_picture:
    model = model.to(memory_format=torch.channels_last)
run = torch.compile(model) if mode == "compile" else model
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], 1e-4, eps=1e-7, fused=True)


def tensor(array, is_tokens):
    x = torch.from_numpy(array)
    if is_tokens:
        return x.long()
    if x.dim() == 4:
        return x.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
    return x.transpose(1, 2).contiguous() if x.dim() == 3 and name.startswith("conv1d") else x


def batch(i):
    *inputs, targets = arrays(f"batch-{i % description['batches']}.bin", description["batch"])
    inputs = [tensor(x, bool(is_tokens)) for x, is_tokens in zip(inputs, description["tokens"])]
    return inputs, torch.from_numpy(targets).long().flatten() if description["classes"] else tensor(targets, False)


def step(inputs, targets):
    output = run(*inputs)
    if description["classes"]:
        loss = F.cross_entropy(output.reshape(-1, output.shape[-1]), targets)
    else:
        loss = F.mse_loss(output, targets)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.item()


done = 0
for line in sys.stdin:
    times, losses = [], []
    for _ in range(int(line)):
        tensors = batch(done)
        start = time.perf_counter()
        losses.append(step(*tensors))
        times.append((time.perf_counter() - start) * 1000)
        done += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"version": torch.__version__, "times": times, "losses": losses, "megabytes": peak}), flush=True)
