# Reference values for the low-rank updates of packages/runs, from peft 0.21.2, transformers 5.23.0, torch 2.15.0,
# Python 3.11.
#
#   pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2
#   python tools/checks/golden/runs/lora.py
#
# writes packages/runs/src/golden/lora: adapter_model.safetensors and adapter_config.json as PEFT saves them, for every
# projection of a small LlamaForCausalLM, and llama.json with its weights (matrices transposed to [in, out]), token ids, and
# the logits without the updates, with them beside the weights, and with them merged.
import json
import shutil
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

OUT = Path(__file__).resolve().parents[4] / "packages" / "runs" / "src" / "golden" / "lora"
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
IDS = [[1, 5, 9, 3, 3, 10, 0], [2, 2, 7, 8, 6, 4, 1]]


def logits_of(model, ids):
    with torch.no_grad():
        return model(torch.tensor(ids)).logits.flatten().tolist()


def golden():
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=11,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        rms_norm_eps=1e-5,
        rope_theta=10000.0,
    )
    model = LlamaForCausalLM(config).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3) if parameter.dim() > 1 else torch.nn.init.uniform_(parameter, 0.5, 1.5)
    weights = {
        name: {"shape": list(t.T.shape), "data": t.T.flatten().tolist()}
        if t.dim() > 1 and "embed_tokens" not in name
        else {"shape": list(t.shape), "data": t.flatten().tolist()}
        for name, t in model.state_dict().items()
    }
    base = logits_of(model, IDS)
    tuned = get_peft_model(model, LoraConfig(r=3, lora_alpha=6, target_modules=TARGETS, task_type="CAUSAL_LM"))
    for name, parameter in tuned.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    tuned.eval()
    unmerged = logits_of(tuned, IDS)
    shutil.rmtree(OUT, ignore_errors=True)
    tuned.save_pretrained(OUT)
    (OUT / "README.md").unlink()
    merged = logits_of(tuned.merge_and_unload(), IDS)
    values = dict(weights=weights, ids=IDS, base=base, unmerged=unmerged, merged=merged)
    (OUT / "llama.json").write_text(json.dumps(values) + "\n")


golden()
