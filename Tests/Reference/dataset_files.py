"""Writes Tests/DatasetTests/Files: small files by Pillow, NumPy and Python's csv, with what is in them as npy or json.

Run with Pillow and NumPy: python3 Tests/Reference/dataset_files.py
"""

import pathlib
import struct
import zlib

import numpy as np
from PIL import Image

folder = pathlib.Path(__file__).resolve().parent.parent / "DatasetTests" / "Files"
folder.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(20241)


def scene(height, width):
    """A smooth scene of three channels, bytes."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    red = 0.5 + 0.5 * np.sin(9 * x + 2 * y)
    green = y
    blue = ((x - 0.4) ** 2 + (y - 0.3) ** 2 < 0.05).astype(float)
    return np.round(255 * np.stack([red, green, blue], axis=-1)).astype(np.uint8)


def expect(name, array):
    """What a file holds, as numbers in 0...1."""
    np.save(folder / f"{name}.npy", array.astype(np.float32))


rgb = scene(11, 13)
gray = rgb[..., 0]
Image.fromarray(rgb).save(folder / "rgb8.png")
expect("rgb8", rgb / np.float32(255))
Image.fromarray(gray).save(folder / "gray8.png")
expect("gray8", gray[..., None] / np.float32(255))

gray16 = np.arange(63, dtype=np.uint16).reshape(7, 9) * 1040
Image.fromarray(gray16).save(folder / "gray16.png")
expect("gray16", gray16[..., None] / np.float32(65535))

bits = (gray > 128)
Image.fromarray(bits).save(folder / "bits.png")
expect("bits", bits[..., None].astype(np.float32))

palette = Image.fromarray(rgb).quantize(5)
palette.save(folder / "palette.png")
expect("palette", np.asarray(palette.convert("RGB")) / np.float32(255))

alpha = np.linspace(0, 255, 11 * 13).reshape(11, 13).astype(np.uint8)
rgba = np.concatenate([rgb, alpha[..., None]], axis=-1)
Image.fromarray(rgba).save(folder / "alpha.png")
share = alpha[..., None] / 255
expect("alpha", np.floor(rgb * share + 255 * (1 - share) + 0.5) / 255)



def png(name, array, color_type, interlaced=False, transparent=b""):
    """A PNG by the specification, for what Pillow does not write: Adam7 and 16 bits of several channels."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = array.shape[:2]
    depth = 8 * array.dtype.itemsize
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b""
    for y, x, down, right in passes if interlaced else [(0, 0, 1, 1)]:
        part = array[y::down, x::right]
        if part.size:
            rows += b"".join(b"\0" + row.astype(array.dtype.newbyteorder(">")).tobytes() for row in part)
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    if transparent:
        data += chunk(b"tRNS", transparent)
    (folder / name).write_bytes(data + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


png("interlaced.png", rgb, 2, interlaced=True)
wide = (rgba.astype(np.uint16) * 257) ^ np.uint16(3)
png("rgba16.png", wide, 6)
opaque = wide[..., 3:] / 65535
expect("rgba16", np.floor(wide[..., :3] * opaque + 65535 * (1 - opaque) + 0.5) / 65535)
# Gray in which the value of the first pixel is transparent.
png("transparent_gray.png", gray, 0, transparent=struct.pack(">H", gray[0, 0]))
expect("transparent_gray", np.where(gray == gray[0, 0], 255, gray)[..., None] / np.float32(255))

Image.fromarray(rgb).save(folder / "rgb.jpg", quality=90)
expect("rgb_jpg", np.asarray(Image.open(folder / "rgb.jpg")) / np.float32(255))
Image.fromarray(scene(40, 33)).save(folder / "progressive.jpg", quality=80, progressive=True)
expect("progressive_jpg", np.asarray(Image.open(folder / "progressive.jpg")) / np.float32(255))
Image.fromarray(gray).save(folder / "gray.jpg", quality=95)
expect("gray_jpg", np.asarray(Image.open(folder / "gray.jpg"))[..., None] / np.float32(255))
Image.fromarray(scene(8, 8)).convert("CMYK").save(folder / "cmyk.jpg")

# Resizing: Pillow's BILINEAR on float channels.
big = scene(23, 31)
Image.fromarray(big).save(folder / "resize.png")


def resized(size, box):
    channels = [
        np.asarray(Image.fromarray(big[..., c].astype(np.float32)).resize(size, Image.Resampling.BILINEAR, box=box))
        for c in range(3)
    ]
    return np.stack(channels, axis=-1) / np.float32(255)


# A square of 8 out of the middle 23 columns, and stretched; an enlargement.
expect("resize_8x8", resized((8, 8), (4, 0, 27, 23)))
expect("resize_8x8_stretched", resized((8, 8), (0, 0, 31, 23)))
expect("resize_46x62", resized((62, 46), (0, 0, 31, 23)))
