"""Writes layers.json: what PyTorch's layers give, and their derivative, in float64.

Usage: python layers.py > layers.json   (made with PyTorch 2; any 2.x gives these numbers)

Each case has the expression in nnx, where x is channels-last, and the same layer of PyTorch, channels-first. The
derivative is that of sum(y * cos(0, 1, 2, ...)) for x, the cosine in the order of nnx's y.
"""
import json

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)

kernel = torch.randn(3, 2, 1, 4)  # height, width, channels / groups, filters
W = kernel.permute(3, 2, 0, 1)

image, flat = (2, 5, 3, 4), (3, 6)
cases = [
    ("x |> group_norm(2)", image, lambda x: F.group_norm(x, 2)),
    ("x |> group_norm(1)", (2, 3, 1, 3), lambda x: F.group_norm(x, 1)),
    ("x |> group_norm(3, eps: 0.1)", flat, lambda x: F.group_norm(x, 3, eps=0.1)),
    ("x |> layer_norm", flat, lambda x: F.layer_norm(x, [6])),
    ("x |> local_response_norm", (1, 2, 3, 7), lambda x: F.local_response_norm(x, 5)),
    ("x |> local_response_norm(4, alpha: 0.5, beta: 0.6, k: 2)", image,
     lambda x: F.local_response_norm(x, 4, alpha=0.5, beta=0.6, k=2)),
    ("x |> local_response_norm(1, alpha: 1)", image, lambda x: F.local_response_norm(x, 1, alpha=1)),
    ("x |> upsample", image, lambda x: F.interpolate(x, scale_factor=2)),
    ("x |> upsample(3)", (1, 1, 3, 2), lambda x: F.interpolate(x, scale_factor=3)),
    ("x |> upsample(2, mode: bilinear)", image, lambda x: F.interpolate(x, scale_factor=2, mode="bilinear")),
    ("x |> upsample(3, mode: bilinear)", (1, 1, 4, 2), lambda x: F.interpolate(x, scale_factor=3, mode="bilinear")),
    ("x |> adaptive_avg_pool(3)", image, lambda x: F.adaptive_avg_pool2d(x, 3)),
    ("x |> adaptive_avg_pool([5, 2])", image, lambda x: F.adaptive_avg_pool2d(x, (5, 2))),
    ("x |> adaptive_avg_pool(5)", (1, 3, 2, 2), lambda x: F.adaptive_avg_pool2d(x, 5)),
    ("x |> global_avg_pool", image, lambda x: x.mean((2, 3))),
    ("x |> global_max_pool", image, lambda x: F.adaptive_max_pool2d(x, 1)[:, :, 0, 0]),
    ("x |> max_pool(3, stride: 2)", image, lambda x: F.max_pool2d(x, 3, 2)),
    ("x |> max_pool(2, ceil: true)", image, lambda x: F.max_pool2d(x, 2, ceil_mode=True)),
    ("x |> max_pool(3, stride: 2, ceil: true)", (1, 6, 8, 2), lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True)),
    ("x |> max_pool(3, stride: 2, pad: 1, ceil: true)", (1, 6, 7, 2),
     lambda x: F.max_pool2d(x, 3, 2, 1, ceil_mode=True)),
    ("x |> max_pool([2, 3], stride: [3, 4], ceil: true)", (1, 7, 7, 2),
     lambda x: F.max_pool2d(x, (2, 3), (3, 4), ceil_mode=True)),
    ("x |> avg_pool(3, stride: 2, ceil: true)", image, lambda x: F.avg_pool2d(x, 3, 2, ceil_mode=True)),
    ("x |> avg_pool(3, stride: 2, pad: 1, ceil: true)", (1, 6, 7, 2),
     lambda x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False)),
    ("conv2d(x, w, groups: 4)", image, lambda x: F.conv2d(x, W, groups=4)),
    ("conv2d(x, w, groups: 4, stride: [2, 3], pad: [0, 1, 2, 3])", image,
     lambda x: F.conv2d(F.pad(x, (2, 3, 0, 1)), W, groups=4, stride=(2, 3))),
    ("conv2d(x, w, dilation: [2, 1], groups: 2, pad: [2, 1])", (1, 5, 3, 2),
     lambda x: F.conv2d(x, W, groups=2, dilation=(2, 1), padding=(2, 1))),
    ("x |> add { tanh } { relu } { }", image, lambda x: x.tanh() + x.relu() + x),
    ("x |> concat { tanh } { } { max_pool(3, stride: 1, pad: 1) }", image,
     lambda x: torch.cat([x.tanh(), x, F.max_pool2d(x, 3, 1, 1)], 1)),
    ("x |> unflatten([2, -1])", flat, lambda x: x.unflatten(1, (2, -1))),
    ("x |> relu", image, F.relu), ("x |> relu6", image, F.relu6),
    ("x |> leaky_relu(0.1)", image, lambda x: F.leaky_relu(x, 0.1)),
    ("x |> prelu", image, lambda x: F.prelu(x, torch.full([4], 0.25))),
    ("x |> elu(0.7)", image, lambda x: F.elu(x, 0.7)), ("x |> gelu", image, F.gelu),
    ("x |> sigmoid", image, torch.sigmoid), ("x |> tanh", image, torch.tanh),
    ("x |> softmax", flat, lambda x: F.softmax(x, 1)),
]


def channels_first(x):
    return x.movedim(-1, 1) if x.dim() == 4 else x


def channels_last(y):
    return y.movedim(1, -1) if y.dim() == 4 else y


def numbers(tensor):
    return {"shape": list(tensor.shape), "values": [float("%.12g" % v) for v in tensor.flatten().tolist()]}


results = []
for expression, shape, layer in cases:
    x = (2 * torch.randn(shape)).requires_grad_()
    y = channels_last(layer(channels_first(x)))
    weights = torch.cos(torch.arange(y.numel(), dtype=torch.float64)).reshape(y.shape)
    (y * weights).sum().backward()
    results.append({"expression": expression, "x": numbers(x.detach()), "y": numbers(y.detach()),
                    "derivative": numbers(x.grad)})
print(json.dumps({"w": numbers(kernel), "cases": results}).replace('{"expression"', '\n{"expression"'))
