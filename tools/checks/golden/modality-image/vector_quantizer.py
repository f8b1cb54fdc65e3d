# The vector quantizer: entries, both losses, and gradients, straight through to the vectors. Gradients are those
# of mean(quantized * outputWeights) + codebookLoss + commitmentLoss / 4.
import torch
import torch.nn as nn

from golden import STEP, normal, write, written, written_gradients, written_weights


class Quantizer(nn.Module):
    """Transposed, as matrices are when they are written: [C, K]."""

    def __init__(self, codebook_size, channels):
        super().__init__()
        drawn = (torch.randn(channels, codebook_size) / STEP).round().clamp(-127, 127)
        self.codebook = nn.Parameter(drawn * STEP)

    def forward(self, vectors):
        entries = self.codebook.T
        distances = torch.cdist(vectors.detach().flatten(0, -2), entries.detach())
        first, second = distances.topk(2, largest=False).values.T
        assert (second - first).min() > 1e-3, "too near for single precision to tell"
        ids = distances.argmin(1).reshape(vectors.shape[:-1])
        codes = entries[ids]
        quantized = vectors + (codes - vectors).detach()
        codebook_loss = (vectors.detach() - codes).square().mean()
        commitment_loss = (vectors - codes.detach()).square().mean()
        return ids, quantized, codebook_loss, commitment_loss


def case(seed, codebook_size, channels):
    torch.manual_seed(seed)
    twin = Quantizer(codebook_size, channels)
    vectors = normal(2, 3, 4, channels).requires_grad_()
    ids, quantized, codebook_loss, commitment_loss = twin(vectors)
    output_weights = normal(*vectors.shape)
    ((quantized * output_weights).mean() + codebook_loss + 0.25 * commitment_loss).backward()
    return {
        "weights": written_weights(twin, {}),
        "vectors": written(vectors),
        "ids": written(ids),
        "quantized": written(quantized),
        "codebookLoss": written(codebook_loss),
        "commitmentLoss": written(commitment_loss),
        "outputWeights": written(output_weights),
        "vectorGradient": written(vectors.grad),
        "gradients": written_gradients(twin, {}, ["codebook"]),
    }


def main():
    write("vector-quantizer", [case(7, 5, 3), case(8, 16, 2)])
