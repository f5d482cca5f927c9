"""Writes schedules.json: the learning rates of PyTorch's schedulers at each of 40 steps.

Usage: python schedules.py > schedules.json   (made with PyTorch 2; any 2.x gives these numbers)

Each case has the schedule in nnx, for 40 steps of 8 epochs, and the same settings for torch.optim.lr_scheduler.
plateau has the validation losses that it was given, one an epoch, and the rate after each.
"""
import json
import warnings

import torch
from torch.optim import lr_scheduler as schedulers

warnings.simplefilter("ignore")
STEPS = 40


def optimizer(rate):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)


def sequence(optimizer, first, second, milestone):
    return schedulers.SequentialLR(optimizer, [first(optimizer), second(optimizer)], milestones=[milestone])


cases = [
    ("constant(0.1)", lambda o: schedulers.ConstantLR(o, factor=1.0)),
    ("step_decay(0.1, every: 15 steps)", lambda o: schedulers.StepLR(o, 15)),
    ("step_decay(0.1, factor: 0.5, every: 2 epochs)", lambda o: schedulers.StepLR(o, 10, gamma=0.5)),
    ("exponential_decay(0.1, factor: 0.9, every: 1 steps)", lambda o: schedulers.ExponentialLR(o, 0.9)),
    ("polynomial_decay(0.1)", lambda o: schedulers.PolynomialLR(o, STEPS)),
    ("polynomial_decay(0.1, power: 2)", lambda o: schedulers.PolynomialLR(o, STEPS, power=2.0)),
    ("cosine(0.1)", lambda o: schedulers.CosineAnnealingLR(o, STEPS)),
    ("cosine(0.1, floor: 0.01)", lambda o: schedulers.CosineAnnealingLR(o, STEPS, eta_min=0.01)),
    (
        "cosine(0.1, warmup: 5 steps)",
        lambda o: sequence(
            o,
            lambda o: schedulers.LinearLR(o, start_factor=1 / 5, total_iters=4),
            lambda o: schedulers.CosineAnnealingLR(o, STEPS - 5),
            5,
        ),
    ),
    ("one_cycle(0.1)", lambda o: schedulers.OneCycleLR(o, 0.1, total_steps=STEPS)),
    (
        "one_cycle(0.1, rise: 50 %, start: 10, end: 100)",
        lambda o: schedulers.OneCycleLR(
            o, 0.1, total_steps=STEPS, pct_start=0.5, div_factor=10, final_div_factor=100
        ),
    ),
    (
        "warmup(exponential_decay(0.1, factor: 0.9, every: 1 steps), over: 2 epochs)",
        lambda o: schedulers.ChainedScheduler(
            [schedulers.ExponentialLR(o, 0.9), schedulers.LinearLR(o, start_factor=1 / 10, total_iters=9)]
        ),
    ),
]

rates = []
for call, make in cases:
    moving = optimizer(0.1)
    scheduler = make(moving)
    values = []
    for _ in range(STEPS):
        values.append(moving.param_groups[0]["lr"])
        moving.step()
        scheduler.step()
    rates.append({"schedule": call, "rates": values})

plateaus = []
losses = [1.0, 0.8, 0.81, 0.79999, 0.9, 0.7, 0.71, 0.72, 0.73, 0.74, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]
for patience, cooldown, floor in [(0, 0, 0.0), (1, 0, 0.0), (2, 2, 0.0), (1, 1, 0.004)]:
    moving = optimizer(0.1)
    scheduler = schedulers.ReduceLROnPlateau(
        moving, factor=0.3, patience=patience, cooldown=cooldown, min_lr=floor, eps=0
    )
    values = []
    for loss in losses:
        scheduler.step(loss)
        values.append(moving.param_groups[0]["lr"])
    plateaus.append(
        {"patience": patience, "cooldown": cooldown, "floor": floor, "losses": losses, "rates": values}
    )

print(json.dumps({"rates": rates, "plateaus": plateaus}, indent=1))
