"""Writes training_rules.json: where PyTorch's training of a linear classifier stands after 20 steps in float64.

Usage: python training_rules.py > training_rules.json   (made with PyTorch 2; any 2.x gives these numbers)

The data are moons(n: 16, noise: 0.2, seed: 3).train; W starts as 0.3 everywhere, b as 0, and a step takes all samples. Each case has the
settings of fit and what PyTorch does for the same.
"""
import json

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
DATA = [
    (-0.6236220598220825, 0.9191653728485107, 0), (1.6051706075668335, -0.17381003499031067, 1),
    (-0.6940944194793701, 0.36220553517341614, 0), (-0.06257522851228714, 0.08880117535591125, 1),
    (-0.2517772316932678, 0.8624456524848938, 0), (-0.47188371419906616, 0.145433709025383, 1),
    (0.8579554557800293, 0.6591570973396301, 0), (0.48138707876205444, -0.12484520673751831, 1),
    (1.0383763313293457, 0.14391660690307617, 0), (1.0477617979049683, -0.5655406713485718, 1),
    (-1.0576756000518799, 0.26179829239845276, 0), (0.6185932755470276, 0.06956575065851212, 1),
    (0.7580753564834595, 0.625055193901062, 0), (0.9605167508125305, -0.5521121621131897, 1),
    (1.2568738460540771, 0.2296222448348999, 0), (1.8018732070922852, 0.6163323521614075, 1),
]  # fmt: skip
X = torch.tensor([row[:2] for row in DATA])
Y = torch.tensor([row[2] for row in DATA])
optim = torch.optim


def groups(first, second):
    """Settings of W and of b."""
    return lambda W, b: [dict(params=[W], **first), dict(params=[b], **second)]


def together(W, b):
    return [W, b]


def train(make, parts=1, clip=None, schedule=None, after=None):
    W = torch.full((2, 2), 0.3, requires_grad=True)
    b = torch.zeros(2, requires_grad=True)
    optimizer = make(W, b)
    scheduler = schedule(optimizer) if schedule else None
    for _ in range(20):
        optimizer.zero_grad()
        for part in torch.arange(len(Y)).chunk(parts):
            loss = F.cross_entropy(X[part] @ W + b, Y[part])
            (loss * len(part) / len(Y)).backward()
        if clip:
            clip([W, b])
        optimizer.step()
        if scheduler:
            scheduler.step()
        if after:
            after(W, b)
    return W.flatten().tolist() + b.tolist()


def by_norm(bound):
    return lambda weights: torch.nn.utils.clip_grad_norm_(weights, bound)


def by_value(bound):
    return lambda weights: torch.nn.utils.clip_grad_value_(weights, bound)


def decayed_sgd(W, b):
    """SGD with decay apart from the gradient, which torch.optim has only in Adam."""

    class Decayed(optim.SGD):
        def step(self):
            with torch.no_grad():
                for weight in (W, b):
                    weight -= 0.1 * 0.2 * weight
            super().step()

    return Decayed([W, b], lr=0.1)


def bounded(W, b):
    with torch.no_grad():
        W *= (0.2 / W.norm(dim=0, keepdim=True)).clamp(max=1)


cases = [
    ("optimizer: sgd(0.5)", train(lambda W, b: optim.SGD([W, b], lr=0.5))),
    ("optimizer: sgd(0.5), clip_norm: 0.05", train(lambda W, b: optim.SGD([W, b], lr=0.5), clip=by_norm(0.05))),
    ("optimizer: sgd(0.5), clip_norm: 100", train(lambda W, b: optim.SGD([W, b], lr=0.5), clip=by_norm(100))),
    ("optimizer: adam(0.05), clip_norm: 0.1", train(lambda W, b: optim.Adam([W, b], lr=0.05), clip=by_norm(0.1))),
    ("optimizer: sgd(0.5), clip_value: 0.05", train(lambda W, b: optim.SGD([W, b], lr=0.5), clip=by_value(0.05))),
    (
        "optimizer: momentum(0.1, mu: 0.9), batch: 4, accumulate: 4",
        train(lambda W, b: optim.SGD([W, b], lr=0.1, momentum=0.9), parts=4),
    ),
    (
        "optimizer: adam(0.05), batch: 6, accumulate: 3, clip_norm: 0.1",
        train(lambda W, b: optim.Adam([W, b], lr=0.05), parts=3, clip=by_norm(0.1)),
    ),
    (
        'optimizer: momentum(0.1, mu: 0.9), rate_factors: 0.1 on "*.W"',
        train(lambda W, b: optim.SGD(groups(dict(lr=0.01), dict(lr=0.1))(W, b), momentum=0.9)),
    ),
    (
        'optimizer: adam(0.05), rate_factors: [0.5 on "**", 0 on "*.b"]',
        train(lambda W, b: optim.Adam(groups(dict(lr=0.025), dict(lr=0.0))(W, b))),
    ),
    ("optimizer: adamw(0.05, decay: 0.1)", train(lambda W, b: optim.AdamW([W, b], lr=0.05, weight_decay=0.1))),
    ("optimizer: adam(0.05), decay: 0.1", train(lambda W, b: optim.AdamW([W, b], lr=0.05, weight_decay=0.1))),
    (
        'optimizer: adam(0.05), decay: 0.1 on "** except *.b"',
        train(lambda W, b: optim.AdamW(groups(dict(weight_decay=0.1), dict(weight_decay=0.0))(W, b), lr=0.05)),
    ),
    ("optimizer: sgd(0.1), decay: 0.2", train(decayed_sgd)),
    (
        "optimizer: momentum(0.1, mu: 0.9), regularize: l2(0.05)",
        train(lambda W, b: optim.SGD([W, b], lr=0.1, momentum=0.9, weight_decay=0.1)),
    ),
    (
        'optimizer: nesterov(0.1, mu: 0.9), regularize: l2(0.05) on "*.W"',
        train(
            lambda W, b: optim.SGD(
                groups(dict(weight_decay=0.1), dict(weight_decay=0.0))(W, b), lr=0.1, momentum=0.9, nesterov=True
            )
        ),
    ),
    (
        'optimizer: adam(lr: cosine(0.1)), batch: 8, accumulate: 2, decay: 0.1 on "*.W", rate_factors: 0.5 on "*.b"',
        train(
            lambda W, b: optim.AdamW(groups(dict(weight_decay=0.1), dict(lr=0.05, weight_decay=0.0))(W, b), lr=0.1),
            parts=2,
            schedule=lambda o: optim.lr_scheduler.CosineAnnealingLR(o, 20),
        ),
    ),
    (
        'optimizer: sgd(0.5), regularize: max_norm(0.2) on "*.W"',
        train(lambda W, b: optim.SGD([W, b], lr=0.5), after=bounded),
    ),
]
print(json.dumps([{"settings": settings, "weights": weights} for settings, weights in cases], indent=1))
