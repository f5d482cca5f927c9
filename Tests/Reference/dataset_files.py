"""Writes Tests/DatasetTests/Files: small files by Pillow, NumPy and Python's csv, with what is in them as npy or json.

Run with Pillow and NumPy: python3 Tests/Reference/dataset_files.py
"""

import csv
import pathlib
import struct
import zipfile
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

# Arrays: npy of every kind that is read, and npz, stored and deflated.
counts = np.arange(-4, 8).reshape(3, 4)
np.save(folder / "fortran.npy", np.asfortranarray(counts.astype(np.float32)))
np.savez(
    folder / "stored.npz", int8=counts.astype(np.int8), big=counts.astype(">i4"), half=counts.astype(np.float16) / 3,
    double=counts / 7, flags=counts > 0, scalar=np.float64(2.5))
np.savez_compressed(folder / "deflated.npz", x=np.tile(counts, (50, 1)).astype(np.uint8), y=np.arange(150) % 3)
# As numpy writes arrays that may be larger than 4 GiB: with the sizes in the extra fields of ZIP64.
with zipfile.ZipFile(folder / "zip64.npz", "w") as archive:
    with archive.open("x.npy", "w", force_zip64=True) as file:
        np.lib.format.write_array(file, counts.astype(np.float32))

# Two images of CIFAR-10's binary form; the first pixels are red, green, blue.
records = []
for label in (3, 7):
    planes = np.zeros((3, 32, 32), np.uint8)
    for channel in range(3):
        planes[channel, 0, channel] = 255
    planes[:, 31, 31] = (10, 20, 30)
    records.append(bytes([label]) + planes.tobytes())
(folder / "cifar_record.bin").write_bytes(b"".join(records))

with open(folder / "table.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["length", "colour, main", "width", "kind"])
    writer.writerow([1.5, "red", -2, "rose"])
    writer.writerow([2e-3, 'dark "blue"', 3, "lily"])
    writer.writerow([7, "red", 0.25, "lily"])
    writer.writerow([-1, "two\nlines", 4, "aster"])
