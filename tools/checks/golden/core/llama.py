# Reference values for the trunk of packages/core, from transformers 5.23.0, torch 2.15.0, Python 3.11.
#
#   pip install torch==2.15.0 transformers==5.23.0
#   python tools/checks/golden/core/llama.py
#
# writes packages/core/src/golden/llama.json: configurations with their weights, token ids, and the logits
# of LlamaForCausalLM, or of Qwen3ForCausalLM where queries and keys are normalized. Matrices are
# transposed to [in, out]. Computed in double precision.
import json
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM

OUT = Path(__file__).resolve().parents[4] / "packages" / "core" / "src" / "golden" / "llama.json"
torch.set_default_dtype(torch.float64)
VOCAB_SIZE = 11


def case(seed, *, kv_heads, heads, theta, epsilon, qk_norm=False):
    torch.manual_seed(seed)
    sizes = dict(
        vocab_size=VOCAB_SIZE,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        head_dim=16 // heads,
        rms_norm_eps=epsilon,
        rope_parameters={"rope_type": "default", "rope_theta": theta},
        tie_word_embeddings=False,
        attention_bias=False,
    )
    model = Qwen3ForCausalLM(Qwen3Config(**sizes)) if qk_norm else LlamaForCausalLM(LlamaConfig(**sizes))
    model = model.double().eval()
    weights = {}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            scale = 0.2 if "norm" in name else 0.3
            center = 1 if "norm" in name else 0
            # Rounded, so that what is written is what was used.
            parameter.copy_((torch.randn_like(parameter) * scale + center).mul(1e3).round() / 1e3)
            is_matrix = name.endswith("proj.weight") or name == "lm_head.weight"
            values = parameter.T if is_matrix else parameter
            weights[name] = {"shape": list(values.shape), "data": [round(v, 3) for v in values.reshape(-1).tolist()]}
        ids = torch.randint(0, VOCAB_SIZE, (2, 7))
        logits = model(ids).logits
    return {
        "numHeads": heads,
        "numKvHeads": kv_heads,
        "ropeTheta": theta,
        "rmsNormEpsilon": epsilon,
        "qkNorm": qk_norm,
        "weights": weights,
        "ids": ids.tolist(),
        "logits": [float(f"{v:.8g}") for v in logits.reshape(-1).tolist()],
    }


cases = [
    case(1, heads=2, kv_heads=2, theta=10_000.0, epsilon=1e-5),
    case(2, heads=4, kv_heads=2, theta=10_000.0, epsilon=1e-6),
    case(3, heads=4, kv_heads=1, theta=500_000.0, epsilon=1e-2),
    case(4, heads=4, kv_heads=2, theta=1_000_000.0, epsilon=1e-6, qk_norm=True),
]
OUT.parent.mkdir(exist_ok=True)
OUT.write_text(json.dumps(cases) + "\n")
