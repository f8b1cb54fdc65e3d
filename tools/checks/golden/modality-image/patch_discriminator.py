# The discriminator of a patch-GAN: logits and gradients, also where a resolution is odd.
import torch
import torch.nn as nn
import torch.nn.functional as F

from blocks import SameConv2d, group_norm
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

RENAMED = {"conv_out": "out"}


class Layer(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = SameConv2d(in_channels, out_channels, 4, stride=2)
        self.norm = group_norm(out_channels)

    def forward(self, x):
        return F.leaky_relu(self.norm(self.conv(x)), 0.2)


class PatchDiscriminator(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.first = SameConv2d(3, channels[0], 4, stride=2)
        self.layers = nn.ModuleList(Layer(a, b) for a, b in zip(channels, channels[1:]))
        self.conv_out = nn.Conv2d(channels[-1], 1, 3, padding=1)

    def forward(self, x):
        x = F.leaky_relu(self.first(x), 0.2)
        for layer in self.layers:
            x = layer(x)
        return self.conv_out(x)


def case(seed, height, width, channels):
    torch.manual_seed(seed)
    twin = draw_weights(PatchDiscriminator(channels))
    images = normal(2, height, width, 3).requires_grad_()
    logits = channels_last(twin(channels_first(images)))
    output_weights = normal(*logits.shape)
    (logits * output_weights).sum().backward()

    layers = [f"layers.{i}.{path}" for i in range(len(channels) - 1) for path in ("conv.bias", "norm.weight")]
    return {
        "channels": channels,
        "weights": written_weights(twin, RENAMED),
        "images": written(images),
        "logits": written(logits),
        "outputWeights": written(output_weights),
        "imageGradient": written(images.grad),
        "gradients": written_gradients(twin, RENAMED, ["first.weight", *layers, "out.weight", "out.bias"]),
    }


def main():
    write("patch-discriminator", [case(5, 12, 8, [8]), case(6, 12, 8, [8, 16, 12])])
