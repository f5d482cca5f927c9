"""Writes augmentations.json: what PyTorch and torchvision make of an image where stdlib/augment.nnx says the same.

Usage: python augmentations.py > augmentations.json   (made with PyTorch 2 and torchvision; any 2.x gives these numbers)

Each case has the call in nnx (with ranges of one number, so that nothing is random) and the resulting image. Warps are
compared with grid_sample or torchvision's affine, colours with torchvision's (whose weights of grey have four digits),
filters with padding and convolution.
"""
import json
import math

import torch
import torch.nn.functional as F
import torchvision.transforms.functional as T

torch.manual_seed(3)
height, width = 6, 8
image = torch.rand(3, height, width)


def moved(right, down, padding):
    """grid_sample of the image moved by pixels."""
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    grid = torch.stack([2 * (x - right) / width - 1, 2 * (y - down) / height - 1], -1)
    return F.grid_sample(image[None], grid[None], mode="bilinear", padding_mode=padding, align_corners=False)[0]


def rolled(right, down):
    """The image around the corner, moved by whole pixels."""
    return torch.roll(image, (down, right), (1, 2))


def affine(**settings):
    plain = dict(angle=0, translate=[0, 0], scale=1.0, shear=[0.0, 0.0])
    return T.affine(image, **{**plain, **settings}, interpolation=T.InterpolationMode.BILINEAR, fill=None)


def correlated(picture, kernel):
    """Each channel with a kernel, the edge going on."""
    rows, columns = kernel.shape
    padded = F.pad(picture[None], (columns // 2, columns // 2, rows // 2, rows // 2), mode="replicate")
    return F.conv2d(padded, kernel.expand(3, 1, rows, columns), groups=3)[0]


def smooth(sigma, radius):
    bell = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / sigma) ** 2)
    bell = bell / bell.sum()
    return correlated(correlated(image, bell[:, None]), bell[None, :])


sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 4
length = torch.sqrt(correlated(image, sobel) ** 2 + correlated(image, sobel.T) ** 2)

cases = [
    ("shift(x: 1.5...1.5 px, y: -0.25...-0.25 px)", moved(1.5, -0.25, "zeros")),
    ("shift(x: 1.5...1.5 px, y: -2.25...-2.25 px, fill: edge)", moved(1.5, -2.25, "border")),
    ("shift(x: 3.5...3.5 px, y: -2.25...-2.25 px, fill: reflect)", moved(3.5, -2.25, "reflection")),
    ("shift(x: 3...3 px, y: -2...-2 px, fill: wrap)", rolled(3, -2)),
    ("shift(x: 25 %...25 %, y: 0...0)", moved(2, 0, "zeros")),
    ("rotate(20...20 deg)", affine(angle=-20)),
    ("rotate(-75...-75 deg)", affine(angle=75)),
    ("scale(1.3...1.3)", affine(scale=1.3)),
    ("scale(0.7...0.7)", affine(scale=0.7)),
    ("shear(x: 12...12 deg, y: 0 deg)", affine(shear=[12.0, 0.0])),
    ("shear(x: 0 deg, y: -8...-8 deg)", affine(shear=[0.0, -8.0])),
    ("flip(horizontal, p: 1)", T.hflip(image)),
    ("flip(vertical, p: 1)", T.vflip(image)),
    ("flip(both, p: 1)", T.hflip(T.vflip(image))),
    ("color(brightness: 1.4...1.4)", T.adjust_brightness(image, 1.4)),
    ("color(contrast: 0.6...0.6)", T.adjust_contrast(image, 0.6)),
    ("color(saturation: 1.7...1.7)", T.adjust_saturation(image, 1.7)),
    ("color(hue: 0.15...0.15)", T.adjust_hue(image, 0.15)),
    ("color(hue: -0.4...-0.4)", T.adjust_hue(image, -0.4)),
    ("grayscale(p: 1)", T.rgb_to_grayscale(image, num_output_channels=3)),
    ("gaussian_smooth(0.8...0.8)", smooth(0.8, math.ceil(3 * 0.8))),
    ("sobel(p: 1)", length.clamp(0, 1)),
]


def numbers(picture):
    return [round(float(value), 6) for value in picture.permute(1, 2, 0).flatten()]


print(json.dumps({
    "shape": [height, width, 3], "image": numbers(image),
    "cases": [{"call": call, "values": numbers(values)} for call, values in cases],
}))
