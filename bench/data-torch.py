"""Pictures a second of a PyTorch DataLoader that does what PairStream does in data.ts.

Arguments: folder, batch size, workers, batches that are not counted. Prints one number. Tried with Python 3.11, torch 1.13, Pillow 9.4, NumPy 1.24.
"""
import math
import os
import random
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from torch.utils.data import DataLoader, Dataset

SIZE = 128
WORK = 2 * SIZE


def gaussian(sigma):
    radius = int(4 * sigma + 0.5)
    kernel = torch.exp(-torch.arange(-radius, radius + 1, dtype=torch.float32) ** 2 / (2 * sigma * sigma))
    return kernel / kernel.sum(), radius


def blur(grey, sigma):
    kernel, radius = gaussian(sigma)
    x = grey[None, None]
    x = F.conv2d(F.pad(x, (radius, radius, 0, 0), mode="reflect"), kernel.view(1, 1, 1, -1))
    x = F.conv2d(F.pad(x, (0, 0, radius, radius), mode="reflect"), kernel.view(1, 1, -1, 1))
    return x[0, 0]


def xdog(grey, sigma, epsilon, phi):
    difference = blur(grey, sigma) - 0.95 * blur(grey, 4.5 * sigma)
    return torch.where(difference >= epsilon, torch.ones(()), 1 + torch.tanh(phi * (difference - epsilon)))


def fit(picture):
    """Centres [channels, height, width] on white and halves it."""
    channels, height, width = picture.shape
    sheet = torch.ones(channels, WORK, WORK)
    top, left = (WORK - height) // 2, (WORK - width) // 2
    sheet[:, top : top + height, left : left + width] = picture
    return F.avg_pool2d(sheet[None], 2)[0]


def hue(degrees):
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return (
        np.array([[0.213, 0.715, 0.072]] * 3)
        + cos * np.array([[0.787, -0.715, -0.072], [-0.213, 0.285, -0.072], [-0.213, -0.715, 0.928]])
        + sin * np.array([[-0.213, -0.715, 0.928], [0.143, 0.140, -0.283], [-0.787, 0.715, 0.072]])
    )


def saturation(factor):
    luminance = np.array([[0.213, 0.715, 0.072]] * 3)
    return luminance * (1 - factor) + np.eye(3) * factor


def augment(line, colour):
    between = random.uniform
    angle, lean = math.radians(between(-10, 10)), math.tan(math.radians(between(-5, 5)))
    growth, kept = 1.1 ** between(-1, 1), between(0.9, 1)
    mirror = -1 if random.random() < 0.5 else 1
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    matrix = np.diag([mirror * kept, kept]) @ np.array([[1, -lean], [0, 1]]) @ turn / growth
    shift = matrix @ np.array([between(-0.1, 0.1), between(-0.1, 0.1)])
    cut = np.array([between(-1, 1), between(-1, 1)]) * (1 - kept)
    theta = torch.tensor(np.concatenate([matrix, (cut - shift)[:, None]], axis=1), dtype=torch.float32)
    both = torch.cat([line, colour]) * 2 - 1
    grid = F.affine_grid(theta[None], [1, 4, SIZE, SIZE], align_corners=False)
    # White beyond the border: grid_sample fills with 0.
    both = F.grid_sample(both[None] - 1, grid, mode="bilinear", padding_mode="zeros", align_corners=False)[0] + 1
    line, colour = both[:1], both[1:]
    exposure, contrast = 1.1 ** between(-1, 1), 1.1 ** between(-1, 1)
    mix = contrast * exposure * saturation(1.3 ** between(-1, 1)) @ hue(between(-10, 10))
    constant = mix.sum(axis=1) + (1 - contrast) - 1
    mix, constant = torch.tensor(mix, dtype=torch.float32), torch.tensor(constant, dtype=torch.float32)
    colour = (torch.einsum("ij,jhw->ihw", mix, colour) + constant[:, None, None]).clamp(-1, 1)
    return line, colour


class Pictures(Dataset):
    def __init__(self, folder):
        self.files = sorted(os.path.join(folder, name) for name in os.listdir(folder))

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        with Image.open(self.files[index]) as image:
            # Pillow decodes a JPEG at a fraction of its size where that is enough.
            image.draft("RGB", (WORK, WORK))
            image = ImageOps.exif_transpose(image).convert("RGB")
            scale = WORK / max(image.size)
            size = tuple(max(1, round(side * scale)) for side in image.size)
            image = image.resize(size, Image.Resampling.LANCZOS)
        colour = torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1).float() / 255
        grey = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]
        phi = 1e9 if random.random() < 0.5 else math.exp(random.uniform(math.log(10), math.log(200)))
        line = xdog(grey, 2 * random.uniform(0.3, 0.5), random.uniform(-0.01, 0), phi)
        return augment(fit(line[None]), fit(colour))


if __name__ == "__main__":
    folder, (batch, workers, warm_up) = sys.argv[1], map(int, sys.argv[2:5])
    loader = DataLoader(
        Pictures(folder), batch_size=batch, num_workers=workers, shuffle=True, drop_last=True, prefetch_factor=4
    )
    started = count = 0
    for number, (line, colour) in enumerate(loader):
        if number == warm_up:
            started = time.perf_counter()
        elif number > warm_up:
            count += len(line)
    print(count / (time.perf_counter() - started))
