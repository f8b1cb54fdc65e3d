# What the twins of packages/modality-image share: ordinary torch modules, channels first.
import torch.nn as nn
import torch.nn.functional as F


def group_norm(channels):
    """Groups of about 8 channels, 32 groups at the most; they must divide the channels."""
    most = max(1, min(32, channels // 8))
    groups = max(count for count in range(1, most + 1) if channels % count == 0)
    return nn.GroupNorm(groups, channels, eps=1e-5)


class SameConv2d(nn.Conv2d):
    """TensorFlow's padding 'same': where it is odd, the bottom and the right get more."""

    def forward(self, x):
        padding = []
        for length, kernel, stride in zip(x.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1]):
            total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
            padding += [total // 2, total - total // 2]
        return super().forward(F.pad(x, padding))


class Upsample(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2, mode="nearest"))


class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, time_dim=None):
        super().__init__()
        self.norm1 = group_norm(in_channels)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.time = None if time_dim is None else nn.Linear(time_dim, out_channels)
        self.norm2 = group_norm(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        self.skip = None if in_channels == out_channels else nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x, time=None):
        hidden = self.conv1(F.silu(self.norm1(x)))
        if self.time is not None:
            hidden = hidden + self.time(F.silu(time))[:, :, None, None]
        hidden = self.conv2(F.silu(self.norm2(hidden)))
        return hidden + (x if self.skip is None else self.skip(x))


def patchify(x, k):
    """Patches of k x k places as one: row by row, the channels of a place side by side."""
    n, c, h, w = x.shape
    patches = x.reshape(n, c, h // k, k, w // k, k).permute(0, 3, 5, 1, 2, 4)
    return patches.reshape(n, k * k * c, h // k, w // k)


def unpatchify(x, k):
    """The inverse of patchify."""
    n, c, h, w = x.shape
    pixels = x.reshape(n, k, k, c // k**2, h, w).permute(0, 3, 4, 1, 5, 2)
    return pixels.reshape(n, c // k**2, h * k, w * k)
