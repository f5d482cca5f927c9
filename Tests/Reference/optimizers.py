"""Writes optimizers.json: where PyTorch's optimizers stand after 1, 10 and 50 steps in float64.

Usage: python optimizers.py > optimizers.json   (made with PyTorch 2; any 2.x gives these numbers)

Each case has the call in nnx and the same settings for torch.optim.
"""
import json

import torch

torch.set_default_dtype(torch.float64)


def beale(p):
    x, y = p[0], p[1]
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def bowl(p):
    return 3 * (p[0] - 1) ** 2 + 0.5 * (p[1] + 2) ** 2 + p[0] * p[1]


problems = {"beale": (beale, [1.0, 1.5]), "bowl": (bowl, [4.0, -3.0])}
optim = torch.optim
cases = [
    ("sgd(0.001)", optim.SGD, dict(lr=0.001)),
    ("momentum(0.001, mu: 0.9)", optim.SGD, dict(lr=0.001, momentum=0.9)),
    ("nesterov(0.001, mu: 0.9)", optim.SGD, dict(lr=0.001, momentum=0.9, nesterov=True)),
    ("adagrad(0.5)", optim.Adagrad, dict(lr=0.5)),
    ("adadelta()", optim.Adadelta, dict()),
    ("rmsprop(0.01)", optim.RMSprop, dict(lr=0.01)),
    ("rmsprop(0.01, centered: true)", optim.RMSprop, dict(lr=0.01, centered=True)),
    ("rmsprop(0.01, mu: 0.9)", optim.RMSprop, dict(lr=0.01, momentum=0.9)),
    ("rmsprop(0.01, mu: 0.5, centered: true)", optim.RMSprop, dict(lr=0.01, momentum=0.5, centered=True)),
    ("adam(0.05)", optim.Adam, dict(lr=0.05)),
    ("adamax(0.05)", optim.Adamax, dict(lr=0.05)),
    ("nadam(0.05)", optim.NAdam, dict(lr=0.05)),
    ("amsgrad(0.05)", optim.Adam, dict(lr=0.05, amsgrad=True)),
    ("adamw(0.05)", optim.AdamW, dict(lr=0.05)),
]

results = []
for problem, (function, start) in problems.items():
    for call, kind, settings in cases:
        point = torch.tensor(start, requires_grad=True)
        optimizer = kind([point], **settings)
        positions = {}
        for step in range(1, 51):
            optimizer.zero_grad()
            function(point).backward()
            optimizer.step()
            if step in (1, 10, 50):
                positions[str(step)] = point.tolist()
        results.append({"problem": problem, "optimizer": call, "positions": positions})
print(json.dumps(results, indent=1))
