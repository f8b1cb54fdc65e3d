# Reference values for the trunk of packages/core with post-norm, from transformers 5.23.0, torch 2.15.0, Python 3.11.
#
#   pip install torch==2.15.0 transformers==5.23.0
#   python tools/checks/golden/core/chameleon.py
#
# writes packages/core/src/golden/chameleon.json, in the format of llama.json: the logits of
# ChameleonForConditionalGeneration with `swin_norm`. Its layer norms of queries and keys (with gains and
# biases by head) are replaced: by nothing, or by an RMSNorm with one gain for all heads, as the trunk has.
# So the places of all norms, attention, rotation and feed-forward layers are compared, but not that norm's
# kind. Logits are taken before those of image tokens are hidden. Matrices are transposed to [in, out].
# Computed in double precision.
import json
from pathlib import Path

import torch
from transformers import ChameleonConfig, ChameleonForConditionalGeneration

OUT = Path(__file__).resolve().parents[4] / "packages" / "core" / "src" / "golden" / "chameleon.json"
torch.set_default_dtype(torch.float64)
VOCAB_SIZE = 11
# Not part of the comparison; as small as it can be built.
VQ_CONFIG = dict(embed_dim=4, num_embeddings=4, base_channels=32, channel_multiplier=[1], num_res_blocks=1, latent_channels=4, resolution=8)


def case(seed, *, kv_heads, heads, epsilon, qk_norm):
    torch.manual_seed(seed)
    config = ChameleonConfig(
        vocab_size=VOCAB_SIZE,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        rms_norm_eps=epsilon,
        rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
        swin_norm=True,
        vq_config=VQ_CONFIG,
        vocabulary_map={"<image>": VOCAB_SIZE - 1},
    )
    model = ChameleonForConditionalGeneration(config).double().eval()
    for layer in model.model.layers:
        for name in ["q_norm", "k_norm"]:
            norm = torch.nn.RMSNorm(16 // heads, eps=epsilon) if qk_norm else torch.nn.Identity()
            setattr(layer.self_attn, name, norm)
    weights = {}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".vqmodel." in name:
                continue
            scale = 0.2 if "norm" in name else 0.3
            center = 1 if "norm" in name else 0
            # Rounded, so that what is written is what was used.
            parameter.copy_((torch.randn_like(parameter) * scale + center).mul(1e3).round() / 1e3)
            is_matrix = name.endswith("proj.weight") or name == "lm_head.weight"
            values = parameter.T if is_matrix else parameter
            weights[name] = {"shape": list(values.shape), "data": [round(v, 3) for v in values.reshape(-1).tolist()]}
        ids = torch.randint(0, VOCAB_SIZE - 1, (2, 7))
        logits = model.lm_head(model.model(input_ids=ids).last_hidden_state)
    return {
        "numHeads": heads,
        "numKvHeads": kv_heads,
        "ropeTheta": 10_000.0,
        "rmsNormEpsilon": epsilon,
        "qkNorm": qk_norm,
        "normPosition": "post",
        "weights": weights,
        "ids": ids.tolist(),
        "logits": [float(f"{v:.8g}") for v in logits.reshape(-1).tolist()],
    }


cases = [
    case(1, heads=2, kv_heads=2, epsilon=1e-5, qk_norm=False),
    case(2, heads=4, kv_heads=2, epsilon=1e-2, qk_norm=True),
]
OUT.write_text(json.dumps(cases) + "\n")
