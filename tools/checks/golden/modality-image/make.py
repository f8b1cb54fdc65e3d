# Reference values for packages/modality-image, from torch 2.15.0, Python 3.11.
#
#   pip install torch==2.15.0 numpy==2.4.6
#   python tools/checks/golden/modality-image/make.py
#   npx prettier --write packages/modality-image/src/golden
#
# writes packages/modality-image/src/golden/*.json: for each case the weights of a torch module in the
# layout and under the paths of packages/modality-image, what it makes of its inputs, and gradients of
# sum(output * outputWeights). Images and latents are [N, h, w, C]. Computed in double precision.
import sys

sys.dont_write_bytecode = True

import autoencoder  # noqa: E402
import patch_discriminator  # noqa: E402
import unet_adapter  # noqa: E402
import vector_quantizer  # noqa: E402

for part in (autoencoder, unet_adapter, patch_discriminator, vector_quantizer):
    part.main()
