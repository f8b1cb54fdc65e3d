# The convolutional autoencoder: mean and variance of latents, images from latents, gradients.
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

RENAMED = {"conv_in": "in", "conv_out": "out", "resample.conv": "resample"}


class Level(nn.Module):
    def __init__(self, in_channels, channels, num_blocks, resample):
        super().__init__()
        widths = [in_channels] + [channels] * num_blocks
        self.blocks = nn.ModuleList(ResidualBlock(a, b) for a, b in zip(widths, widths[1:]))
        self.resample = resample

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x if self.resample is None else self.resample(x)


def levels(channels, num_blocks, resample):
    before = [channels[0], *channels]
    last = len(channels) - 1
    return nn.ModuleList(
        Level(before[i], width, num_blocks, None if i == last else resample(width))
        for i, width in enumerate(channels)
    )


class Encoder(nn.Module):
    def __init__(self, patch_size, channels, latent_channels, num_blocks):
        super().__init__()
        lowest = channels[-1]
        self.patch_size = patch_size
        self.conv_in = nn.Conv2d(3 * patch_size**2, channels[0], 3, padding=1)
        self.levels = levels(channels, num_blocks, lambda width: SameConv2d(width, width, 3, stride=2))
        self.middle = nn.ModuleList([ResidualBlock(lowest, lowest), ResidualBlock(lowest, lowest)])
        self.norm = group_norm(lowest)
        self.conv_out = nn.Conv2d(lowest, 2 * latent_channels, 3, padding=1)

    def forward(self, x):
        x = self.conv_in(patchify(x, self.patch_size))
        for part in [*self.levels, *self.middle]:
            x = part(x)
        mean, log_variance = self.conv_out(F.silu(self.norm(x))).chunk(2, dim=1)
        return mean, log_variance.clamp(-30, 20)


class Decoder(nn.Module):
    def __init__(self, patch_size, channels, latent_channels, num_blocks):
        super().__init__()
        lowest = channels[-1]
        self.patch_size = patch_size
        self.conv_in = nn.Conv2d(latent_channels, lowest, 3, padding=1)
        self.middle = nn.ModuleList([ResidualBlock(lowest, lowest), ResidualBlock(lowest, lowest)])
        self.levels = levels(channels[::-1], num_blocks + 1, lambda width: Upsample(width, width))
        self.norm = group_norm(channels[0])
        self.conv_out = nn.Conv2d(channels[0], 3 * patch_size**2, 3, padding=1)

    def forward(self, z):
        x = self.conv_in(z)
        for part in [*self.middle, *self.levels]:
            x = part(x)
        return unpatchify(self.conv_out(F.silu(self.norm(x))), self.patch_size)


class Autoencoder(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        self.encoder = Encoder(*sizes)
        self.decoder = Decoder(*sizes)


def case(seed, height, width, patch_size, channels, latent_channels, num_blocks):
    torch.manual_seed(seed)
    twin = draw_weights(Autoencoder(patch_size, channels, latent_channels, num_blocks))
    factor = patch_size * 2 ** (len(channels) - 1)
    images = normal(2, height, width, 3)
    noise = normal(2, height // factor, width // factor, latent_channels)

    mean, log_variance = twin.encoder(channels_first(images))
    latents = mean + (log_variance / 2).exp() * channels_first(noise)
    decoded = channels_last(twin.decoder(latents))
    output_weights = normal(*decoded.shape)
    (decoded * output_weights).sum().backward()

    last = len(channels) - 1
    gradients = written_gradients(
        twin,
        RENAMED,
        [
            "encoder.in.weight",
            "encoder.levels.0.resample.weight",
            f"encoder.levels.{last}.blocks.0.skip.weight",
            "encoder.middle.1.norm2.weight",
            "encoder.out.bias",
            "decoder.in.weight",
            "decoder.levels.0.resample.bias",
            f"decoder.levels.{last}.blocks.0.norm1.bias",
            f"decoder.levels.{last}.blocks.{num_blocks}.conv2.bias",
            "decoder.norm.weight",
            "decoder.out.weight",
        ],
    )
    return {
        "config": {
            "patchSize": patch_size,
            "channels": channels,
            "latentChannels": latent_channels,
            "numBlocks": num_blocks,
        },
        "weights": written_weights(twin, RENAMED),
        "images": written(images),
        "noise": written(noise),
        "mean": written(channels_last(mean)),
        "logVariance": written(channels_last(log_variance)),
        "latents": written(channels_last(latents)),
        "decoded": written(decoded),
        "outputWeights": written(output_weights),
        "gradients": gradients,
    }


def main():
    write(
        "autoencoder",
        [
            case(1, 8, 12, 1, [8, 16], 2, 1),
            case(2, 12, 8, 1, [8, 8, 16], 3, 2),
            case(3, 8, 12, 2, [8, 16], 2, 1),
        ],
    )
