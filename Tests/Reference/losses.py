"""Writes losses.json: PyTorch's losses and their gradients with respect to what the net says, in float64.

Usage: python losses.py > losses.json   (made with PyTorch 2; any 2.x gives these numbers)
"""
import json

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
LOGITS = [[2.0, -1.0, 0.5], [0.0, 3.0, -30.0], [0.1, 0.2, 0.3], [-2.0, 1.0, 40.0]]
CLASSES = [0, 2, 1, 2]
SINGLE = [[2.0], [-3.0], [0.25], [-60.0], [80.0]]
ANSWERS = [1, 1, 0, 0, 0]
PREDICTIONS = [[1.5], [2.0], [-4.0], [0.25], [3.0]]
VALUES = [1, 2.75, 0, 0.5, -1]
weights = torch.tensor([1.0, 3.0, 0.5])


def hinge(z, y):
    return F.multi_margin_loss(z, y) * z.shape[1]


def binary_hinge(z, y):
    return (1 - (2 * y - 1) * z[:, 0]).clamp(min=0).mean()


cases = [
    ("cross_entropy(y, z)", LOGITS, CLASSES, F.cross_entropy),
    ("cross_entropy(y, z, smoothing: 0.1)", LOGITS, CLASSES, lambda z, y: F.cross_entropy(z, y, label_smoothing=0.1)),
    ("cross_entropy(y, z, weights: [1, 3, 0.5])", LOGITS, CLASSES, lambda z, y: F.cross_entropy(z, y, weight=weights)),
    (
        "cross_entropy(y, z, smoothing: 0.2, weights: [1, 3, 0.5])",
        LOGITS,
        CLASSES,
        lambda z, y: F.cross_entropy(z, y, weight=weights, label_smoothing=0.2),
    ),
    (
        "binary_cross_entropy(y, z)",
        SINGLE,
        ANSWERS,
        lambda z, y: F.binary_cross_entropy_with_logits(z[:, 0], y.double()),
    ),
    (
        "binary_cross_entropy(y, z, positive_weight: 3)",
        SINGLE,
        ANSWERS,
        lambda z, y: F.binary_cross_entropy_with_logits(z[:, 0], y.double(), pos_weight=torch.tensor(3.0)),
    ),
    ("mse(y, z)", PREDICTIONS, VALUES, lambda z, y: F.mse_loss(z[:, 0], y)),
    ("mae(y, z)", PREDICTIONS, VALUES, lambda z, y: F.l1_loss(z[:, 0], y)),
    ("huber(y, z)", PREDICTIONS, VALUES, lambda z, y: F.huber_loss(z[:, 0], y)),
    ("huber(y, z, delta: 0.6)", PREDICTIONS, VALUES, lambda z, y: F.huber_loss(z[:, 0], y, delta=0.6)),
    ("hinge(y, z)", LOGITS, CLASSES, hinge),
    ("hinge(y, z)", SINGLE, ANSWERS, binary_hinge),
]
results = []
for call, outputs, targets, loss in cases:
    z = torch.tensor(outputs, requires_grad=True)
    value = loss(z, torch.tensor(targets))
    value.backward()
    results.append(
        {
            "call": call,
            "outputs": outputs,
            "targets": targets,
            "value": value.item(),
            "gradient": z.grad.flatten().tolist(),
        }
    )
print(json.dumps(results, indent=1))
