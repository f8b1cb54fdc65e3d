# Reference values for packages/diffusion, from diffusers 0.42.1 on torch 2.15.0 and numpy 2.4.6, Python 3.11.
#
#   pip install diffusers==0.42.1 torch==2.15.0 numpy==2.4.6
#   python tools/checks/golden/diffusion/make.py
#   npx prettier --write packages/diffusion/src/golden
#
# writes packages/diffusion/src/golden/*.json. Every trajectory starts at `samples`; the model is a fake
# one, whose output at call k is 0.3 * sample + offsets[k]; `noises[k]` is the fresh noise of step k.
import json
from pathlib import Path

import torch

# diffusers keeps its tables in float32, whose rounding is 1e-5 at the noisy end of the cosine schedule.
# This makes it compute in double.
torch.float32 = torch.float64
torch.set_default_dtype(torch.float64)

from diffusers import (  # noqa: E402
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    FlowMatchEulerDiscreteScheduler,
    FlowMatchHeunDiscreteScheduler,
)
from diffusers.schedulers import scheduling_ddpm  # noqa: E402
from diffusers.training_utils import compute_snr  # noqa: E402

OUT = Path(__file__).resolve().parents[4] / "packages" / "diffusion" / "src" / "golden"
SHAPE = (3, 4)
MAX_CALLS = 31
BETA_SCHEDULES = {"linear": "linear", "scaled-linear": "scaled_linear", "cosine": "squaredcos_cap_v2"}
PREDICTION_TYPES = ["epsilon", "sample", "v_prediction"]

generator = torch.Generator().manual_seed(0)


def normal(*shape):
    """Rounded, so that what is written is what was used."""
    return (torch.randn(*shape, generator=generator) * 1e4).round() / 1e4


SAMPLES = normal(*SHAPE)
NOISES = normal(MAX_CALLS, *SHAPE)
OFFSETS = normal(MAX_CALLS, *SHAPE)


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.flatten().tolist()]


def write(name, value):
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


def trajectory(sampler, options, scheduler, num_inference_steps, step):
    sample = SAMPLES
    samples = []
    for k, t in enumerate(scheduler.timesteps):
        sample = step(k, 0.3 * sample + OFFSETS[k], t, sample)
        samples.append(numbers(sample))
    return {
        "sampler": sampler,
        "options": options,
        "numInferenceSteps": num_inference_steps,
        "timesteps": [float(f"{t:.9g}") for t in scheduler.timesteps.tolist()],
        "samples": samples,
    }


def of_ddpm(scheduler):
    def step(k, output, t, sample):
        scheduling_ddpm.randn_tensor = lambda *args, **kwargs: NOISES[k]
        return scheduler.step(output, t, sample).prev_sample

    return step


def of_ddim(scheduler, eta=0.0):
    return lambda k, output, t, sample: scheduler.step(
        output, t, sample, eta=eta, variance_noise=NOISES[k] if eta > 0 else None
    ).prev_sample


def plain(scheduler):
    return lambda k, output, t, sample: scheduler.step(output, t, sample).prev_sample


def diffusion(cls, beta, prediction, **config):
    clip = {} if cls is DPMSolverMultistepScheduler else {"clip_sample": False}
    return cls(beta_schedule=BETA_SCHEDULES[beta], prediction_type=prediction, **{**clip, **config})


def diffusion_trajectories():
    def run(sampler, cls, make_step, n, beta, prediction, ours=None, **config):
        scheduler = diffusion(cls, beta, prediction, **config)
        scheduler.set_timesteps(n)
        options = {"betaSchedule": beta, "predictionType": prediction, **(ours or {})}
        return trajectory(sampler, options, scheduler, n, make_step(scheduler))

    for beta in BETA_SCHEDULES:
        for prediction in PREDICTION_TYPES:
            yield run("ddpm", DDPMScheduler, of_ddpm, 9, beta, prediction)
            yield run("ddim", DDIMScheduler, of_ddim, 10, beta, prediction)
            yield run("dpmSolverPlusPlus", DPMSolverMultistepScheduler, plain, 10, beta, prediction,
                      timestep_spacing="leading")
    for spacing in ["trailing", "linspace"]:
        ours = {"timestepSpacing": spacing}
        for prediction in PREDICTION_TYPES:
            yield run("ddpm", DDPMScheduler, of_ddpm, 16, "cosine", prediction, ours, timestep_spacing=spacing)
            yield run("dpmSolverPlusPlus", DPMSolverMultistepScheduler, plain, 16, "cosine", prediction, ours,
                      timestep_spacing=spacing)
    # diffusers' DDIM takes 1000 // n for every stride, which is so only where n divides 1000.
    yield run("ddim", DDIMScheduler, of_ddim, 8, "cosine", "epsilon", {"timestepSpacing": "trailing"},
              timestep_spacing="trailing")
    for eta in [0.5, 1.0]:
        yield run("ddim", DDIMScheduler, lambda s, eta=eta: of_ddim(s, eta), 8, "cosine", "v_prediction",
                  {"eta": eta})
    for prediction in PREDICTION_TYPES:
        clipped = {"clip_sample": True, "clip_sample_range": 1.5}
        yield run("ddpm", DDPMScheduler, of_ddpm, 8, "cosine", prediction, {"clipSample": 1.5}, **clipped)
        yield run("ddim", DDIMScheduler, of_ddim, 8, "cosine", prediction, {"clipSample": 1.5}, **clipped)
    yield run("ddim", DDIMScheduler, of_ddim, 8, "scaled-linear", "epsilon",
              {"betaStart": 0.00085, "betaEnd": 0.012}, beta_start=0.00085, beta_end=0.012)


def flow_trajectories():
    for shift in [1.0, 3.0]:
        n = 10
        euler = FlowMatchEulerDiscreteScheduler(shift=shift)
        euler.set_timesteps(sigmas=[1 - i / n for i in range(n)])
        yield trajectory("flowEuler", {"shift": shift}, euler, n, plain(euler))
        # Heun takes no sigmas: its own run evenly from sigma_max to sigma_min.
        heun = FlowMatchHeunDiscreteScheduler(shift=shift)
        heun.sigma_min = 1 / n
        heun.set_timesteps(n)
        yield trajectory("flowHeun", {"shift": shift}, heun, n, plain(heun))


def training():
    """add_noise, targets and min-SNR weights, as diffusers' training scripts compute them."""
    noise = NOISES[0]
    for beta in BETA_SCHEDULES:
        scheduler = diffusion(DDPMScheduler, beta, "epsilon")
        timesteps = torch.tensor([0, 500, 999])
        snr = compute_snr(scheduler, timesteps)
        clipped = torch.minimum(snr, torch.full_like(snr, 5.0))
        yield {
            "betaSchedule": beta,
            "timesteps": timesteps.tolist(),
            "noisy": numbers(scheduler.add_noise(SAMPLES, noise, timesteps)),
            "targets": {
                "epsilon": numbers(noise),
                "sample": numbers(SAMPLES),
                "v_prediction": numbers(scheduler.get_velocity(SAMPLES, noise, timesteps)),
            },
            "minSnr": {
                "epsilon": numbers(clipped / snr),
                "sample": numbers(clipped),
                "v_prediction": numbers(clipped / (snr + 1)),
            },
        }


def flow_training():
    timesteps = torch.tensor([1.0, 400.0, 1000.0])
    scheduler = FlowMatchEulerDiscreteScheduler()
    return {"timesteps": timesteps.tolist(), "noisy": numbers(scheduler.scale_noise(SAMPLES, timesteps, NOISES[0]))}


def tables():
    indices = [0, 1, 2, 10, 100, 250, 500, 750, 900, 990, 997, 998, 999]
    for beta in BETA_SCHEDULES:
        alphas_cumprod = diffusion(DDPMScheduler, beta, "epsilon").alphas_cumprod
        yield {"betaSchedule": beta, "indices": indices, "alphasCumprod": alphas_cumprod[indices].tolist()}


write("inputs", {
    "shape": SHAPE,
    "sample": numbers(SAMPLES),
    "noises": [numbers(noise) for noise in NOISES],
    "offsets": [numbers(offset) for offset in OFFSETS],
})
write("schedules", list(tables()))
write("training", {"diffusion": list(training()), "flow": flow_training()})
write("trajectories", [*diffusion_trajectories(), *flow_trajectories()])
