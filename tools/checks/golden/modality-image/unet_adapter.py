# The U-Net adapter: a transformer's vectors and skips from noisy latents, the way back, gradients.
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from blocks import ResidualBlock, SameConv2d, Upsample, group_norm, patchify, unpatchify
from golden import (
    channels_first,
    channels_last,
    draw_weights,
    normal,
    write,
    written,
    written_gradients,
    written_weights,
)

MODEL_DIM = 12
FREQUENCIES = 256
GRID = 64
RENAMED = {
    "conv_in": "in",
    "conv_out": "out",
    "to_model": "toModel",
    "from_model": "fromModel",
    "inward": "in",
    "outward": "out",
    "timestep.1": "timestep.in",
    "timestep.3": "timestep.out",
    "resample.conv": "resample",
}


class Sinusoids(nn.Module):
    def forward(self, timesteps):
        half = FREQUENCIES // 2
        frequencies = torch.exp(-math.log(10_000) * torch.arange(half) / half)
        angles = timesteps[:, None] * frequencies
        return torch.cat([angles.cos(), angles.sin()], dim=1)


def time_embedding(dim):
    return nn.Sequential(Sinusoids(), nn.Linear(FREQUENCIES, dim), nn.SiLU(), nn.Linear(dim, dim))


class Grid(nn.Module):
    """Transposed, as matrices are when they are written: [D, places]."""

    def __init__(self):
        super().__init__()
        self.rows = nn.Parameter(torch.empty(MODEL_DIM, GRID))
        self.columns = nn.Parameter(torch.empty(MODEL_DIM, GRID))

    def forward(self, h, w):
        return (self.rows[:, :h, None] + self.columns[:, None, :w]).flatten(1).T


class LinearAdapter(nn.Module):
    """The linear adapter, beside the U-Net."""

    def __init__(self, patch_dim, axial):
        super().__init__()
        self.timestep = time_embedding(patch_dim)
        self.inward = nn.Linear(patch_dim, MODEL_DIM)
        self.outward = nn.Linear(MODEL_DIM, patch_dim)
        self.grid = Grid() if axial else None

    def embed(self, patches, timesteps):
        """[N, patch_dim, h, w] -> [N, h * w, D]."""
        conditioned = patches.flatten(2).transpose(1, 2) + self.timestep(timesteps)[:, None]
        hidden = self.inward(conditioned)
        return hidden if self.grid is None else hidden + self.grid(*patches.shape[2:])


class Level(nn.Module):
    def __init__(self, widths, time_dim, resample):
        super().__init__()
        self.blocks = nn.ModuleList(ResidualBlock(a, b, time_dim) for a, b in zip(widths, widths[1:]))
        self.resample = resample

    def forward(self, x, time):
        for block in self.blocks:
            x = block(x, time)
        return x


class UnetAdapter(nn.Module):
    def __init__(self, channels, latent_channels, num_blocks, axial):
        super().__init__()
        lowest, time_dim, last = channels[-1], 2 * channels[0], len(channels) - 1
        self.timestep = time_embedding(time_dim)
        self.conv_in = nn.Conv2d(latent_channels, channels[0], 3, padding=1)
        self.down = nn.ModuleList(
            Level(
                [width] * (num_blocks + 1),
                time_dim,
                None if i == last else SameConv2d(width, channels[i + 1], 3, stride=2),
            )
            for i, width in enumerate(channels)
        )
        self.to_model = nn.Linear(lowest, MODEL_DIM)
        self.from_model = nn.Linear(MODEL_DIM, lowest)
        self.patch_size = 2**last
        self.linear = LinearAdapter(self.patch_size**2 * latent_channels, axial)
        upwards = channels[::-1]
        self.up = nn.ModuleList(
            Level(
                [2 * width] + [width] * num_blocks,
                time_dim,
                None if i == last else Upsample(width, upwards[i + 1]),
            )
            for i, width in enumerate(upwards)
        )
        self.norm = group_norm(channels[0])
        self.conv_out = nn.Conv2d(channels[0], latent_channels, 3, padding=1)

    def embed(self, x, timesteps):
        time = self.timestep(timesteps)
        patches = patchify(x, self.patch_size)
        x = self.conv_in(x)
        skips = []
        for level in self.down:
            x = level(x, time)
            skips.append(x)
            if level.resample is not None:
                x = level.resample(x)
        hidden = self.to_model(x.flatten(2).transpose(1, 2)) + self.linear.embed(patches, timesteps)
        return hidden, skips

    def project(self, hidden, timesteps, skips):
        time = self.timestep(timesteps)
        grid = skips[-1].shape[2:]
        patches = self.linear.outward(hidden).transpose(1, 2).unflatten(2, grid)
        x = self.from_model(hidden).transpose(1, 2).unflatten(2, grid)
        for level, skip in zip(self.up, reversed(skips)):
            x = level(torch.cat([x, skip], dim=1), time)
            if level.resample is not None:
                x = level.resample(x)
        return self.conv_out(F.silu(self.norm(x))) + unpatchify(patches, self.patch_size)


def case(seed, latent_shape, channels, num_blocks, axial, timesteps):
    torch.manual_seed(seed)
    twin = draw_weights(UnetAdapter(channels, latent_shape[-1], num_blocks, axial))
    latents, timesteps = normal(len(timesteps), *latent_shape), torch.tensor(timesteps)

    hidden, skips = twin.embed(channels_first(latents), timesteps)
    # A transformer of sorts, so that the gradient takes both ways: past it and through it.
    output = channels_last(twin.project(hidden.tanh(), timesteps, skips))
    output_weights = normal(*output.shape)
    (output * output_weights).sum().backward()

    last = len(channels) - 1
    paths = [
        "timestep.in.bias",
        "timestep.out.weight",
        "in.weight",
        "down.0.resample.weight",
        "down.0.blocks.0.time.bias",
        f"down.{last}.blocks.0.norm1.weight",
        "toModel.weight",
        "fromModel.weight",
        "linear.timestep.out.weight",
        "linear.in.weight",
        "linear.out.weight",
        "linear.out.bias",
        "up.0.resample.bias",
        f"up.{last}.blocks.0.skip.weight",
        f"up.{last}.blocks.{num_blocks - 1}.time.weight",
        "norm.weight",
        "out.weight",
    ]
    if axial:
        paths += ["linear.grid.rows", "linear.grid.columns"]
    return {
        "patchSize": 2**last,
        "modelDim": MODEL_DIM,
        "latentShape": latent_shape,
        "channels": channels,
        "numBlocks": num_blocks,
        "positionEmbedding": "axial" if axial else "none",
        "weights": written_weights(twin, RENAMED),
        "latents": written(latents),
        "timesteps": written(timesteps),
        "hidden": written(hidden),
        "skips": [written(channels_last(skip)) for skip in skips],
        "output": written(output),
        "outputWeights": written(output_weights),
        "gradients": written_gradients(twin, RENAMED, paths),
    }


def main():
    write(
        "unet-adapter",
        [
            case(3, [4, 6, 2], [8, 16], 1, False, [7.0, 640.0]),
            case(4, [8, 12, 3], [4, 8, 16], 2, True, [999.0, 31.0]),
        ],
    )
