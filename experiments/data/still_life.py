"""Renders still_life.jpg: three balls and a box on a checkered table, by ray tracing with NumPy; written with Pillow.

python3 still_life.py
"""

import pathlib

import numpy as np
from PIL import Image

height, width, samples = 288, 384, 4
light = np.array([-2.5, 4.0, 3.0])
eye = np.array([0.0, 1.7, 5.2])
spheres = [  # centre, radius, colour, share of the mirror
    (np.array([-1.15, 0.7, 0.2]), 0.7, np.array([0.85, 0.16, 0.12]), 0.12),
    (np.array([0.55, 0.5, 1.0]), 0.5, np.array([0.95, 0.75, 0.15]), 0.05),
    (np.array([1.7, 0.85, -0.6]), 0.85, np.array([0.15, 0.35, 0.75]), 0.25),
]
box_low, box_high = np.array([-0.55, 0.0, -1.6]), np.array([0.55, 1.5, -0.7])


def unit(v):
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def nearest(origin, direction):
    """Distance, normal, colour and mirror share of what each ray meets first."""
    n = direction.shape[0]
    distance = np.full(n, np.inf)
    normal, color, mirror = np.zeros((n, 3)), np.zeros((n, 3)), np.zeros(n)

    def meet(t, hit, at_normal, at_color, share):
        hit = hit & (t > 1e-4) & (t < distance)
        distance[hit] = t[hit]
        normal[hit], color[hit], mirror[hit] = at_normal[hit], at_color[hit], share

    with np.errstate(divide="ignore", invalid="ignore"):
        t = -origin[:, 1] / direction[:, 1]
        place = origin + t[:, None] * direction
        dark = (np.floor(place[:, 0] / 0.6) + np.floor(place[:, 2] / 0.6)) % 2 == 0
        wood = np.where(dark[:, None], [0.32, 0.2, 0.12], [0.8, 0.68, 0.5])
        meet(t, (np.abs(place[:, 0]) < 4) & (np.abs(place[:, 2] - 0.5) < 3.2), np.tile([0.0, 1, 0], (n, 1)), wood, 0.06)
        t = (-4 - origin[:, 2]) / direction[:, 2]
        place = origin + t[:, None] * direction
        stripe = np.sin(place[:, 0] * 9) > 0.2
        wall = np.where(stripe[:, None], [0.55, 0.62, 0.55], [0.66, 0.71, 0.62])
        meet(t, np.ones(n, bool), np.tile([0.0, 0, 1], (n, 1)), wall, 0)
        for center, radius, paint, share in spheres:
            offset = origin - center
            b = np.sum(offset * direction, -1)
            root = b * b - np.sum(offset * offset, -1) + radius * radius
            t = -b - np.sqrt(root)
            at = (origin + t[:, None] * direction - center) / radius
            band = (np.abs(at[:, 1]) < 0.22)[:, None] if share < 0.1 else np.zeros((n, 1), bool)
            meet(t, root > 0, at, np.where(band, [0.95, 0.95, 0.95], np.tile(paint, (n, 1))), share)
        low, high = (box_low - origin) / direction, (box_high - origin) / direction
        enter, leave = np.minimum(low, high), np.maximum(low, high)
        axis = np.argmax(enter, -1)
        t = enter.max(-1)
        at_normal = np.zeros((n, 3))
        at_normal[np.arange(n), axis] = -np.sign(direction[np.arange(n), axis])
        place = origin + t[:, None] * direction
        letters = (np.sin(place[:, 1] * 20) > 0.75)[:, None]
        meet(t, t < leave.min(-1), at_normal, np.where(letters, [0.2, 0.3, 0.25], [0.35, 0.6, 0.4]), 0)
    return distance, normal, color, mirror


def shade(origin, direction, depth):
    distance, normal, color, mirror = nearest(origin, direction)
    place = origin + np.where(np.isfinite(distance), distance, 0)[:, None] * direction
    to_light = light - place
    reach = np.linalg.norm(to_light, axis=-1)
    to_light = to_light / reach[:, None]
    start = place + 1e-3 * normal
    shadow = nearest(start, to_light)[0] < reach
    diffuse = np.clip(np.sum(normal * to_light, -1), 0, 1) * ~shadow
    half = unit(to_light - direction)
    gloss = np.clip(np.sum(normal * half, -1), 0, 1) ** 60 * ~shadow * (mirror > 0)
    result = color * (0.28 + 0.85 * diffuse)[:, None] + 0.6 * gloss[:, None]
    if depth:
        reflected = direction - 2 * np.sum(direction * normal, -1, keepdims=True) * normal
        result = result * (1 - mirror[:, None]) + mirror[:, None] * shade(start, reflected, depth - 1)
    return result


image = np.zeros((height * width, 3))
random = np.random.default_rng(1)
for sample in range(samples):
    y, x = np.mgrid[0:height, 0:width].reshape(2, -1) + random.random((2, height * width))
    direction = unit(np.stack([(x - width / 2) / width * 1.25, (height / 2 - y) / width * 1.25 - 0.2, -np.ones(x.size)], -1))
    image += shade(np.tile(eye, (x.size, 1)), direction, 2) / samples
image = np.clip(image + random.normal(0, 0.008, image.shape), 0, 1) ** (1 / 1.2)
pixels = np.round(255 * image).astype(np.uint8).reshape(height, width, 3)
Image.fromarray(pixels).save(pathlib.Path(__file__).with_name("still_life.jpg"), quality=88)
