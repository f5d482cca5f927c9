"""Compares the nets of nnx with torchvision's, from the same weights. Tests/Reference/parity runs it.

A model's weights are renamed and laid out as nnx names and lays them out (convolutions height x width x in x out, dense
layers in x out, features flattened channels-last) and go to nnx in a safetensors file. nnx writes the logits in
evaluation mode and the weights after one step of gradient descent on the same batch; both are compared here.
"""
import argparse
import json
import math
import re
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torchvision import models

FOLDER = Path("build/parity")
# Of the step. The first layers of the deep ResNets have gradients far larger than their weights: a step of RATE would be
# longer than these, and show nothing but the gradients' rounding: 1.1e-3 in conv1.W of ResNet-50 with RATE.
RATES = {"resnet50": 1e-4, "resnet152": 1e-5}
RATE = 1e-3


# ---- The models, with the names of their weights in nnx

class CifarUnit(nn.Module):
    def __init__(self, channels, width, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        self.stride, self.more = stride, (width - channels) // 2

    def forward(self, x):
        skip = nn.functional.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, self.more, self.more))
        return (skip + self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))).relu()


class CifarResNet(nn.Module):
    def __init__(self, count):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        channels = 16
        for stage, width in enumerate([16, 32, 64]):
            units = []
            for unit in range(count):
                units.append(CifarUnit(channels, width, 2 if stage > 0 and unit == 0 else 1))
                channels = width
            setattr(self, f"layer{stage + 1}", nn.Sequential(*units))
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = self.bn1(self.conv1(x)).relu()
        return self.fc(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))


def tiny_classifier(model, features, classes, hidden):
    model.classifier = nn.Sequential(*[
        layer for width in [features, hidden] for layer in (nn.Linear(width, hidden), nn.ReLU())
    ], nn.Linear(hidden, classes))
    return model


MODELS = {
    "alexnet": lambda: models.alexnet(dropout=0),
    "vgg16": lambda: models.vgg16(dropout=0),
    "resnet18": models.resnet18,
    "resnet50": models.resnet50,
    "resnet152": models.resnet152,
    "densenet121": models.densenet121,
}
TINY = {
    "tiny_alexnet": lambda: tiny_classifier(models.alexnet(), 256 * 36, 10, 32),
    "tiny_vgg": lambda: tiny_classifier(
        models.VGG(models.vgg.make_layers([8, "M", 16, 16, "M"], batch_norm=True)), 16 * 49, 10, 32),
    "tiny_resnet": lambda: models.ResNet(models.resnet.Bottleneck, [1, 2, 1, 1], num_classes=10),
    "tiny_densenet": lambda: models.DenseNet(8, (2, 3), 16, num_classes=10),
    "mobilenet_v2": lambda: models.mobilenet_v2(num_classes=10, dropout=0),
    "squeezenet1_1": lambda: models.squeezenet1_1(num_classes=10, dropout=0),
    "cifar_resnet20": lambda: CifarResNet(3),
}


def numbered(model):
    """The layers of a plain sequence: conv1, batch_norm1, dense1, ..., counted by kind."""
    kinds = {nn.Conv2d: "conv", nn.BatchNorm2d: "batch_norm", nn.Linear: "dense"}
    counts, names = {}, {}
    for path, module in model.named_modules():
        kind = kinds.get(type(module))
        if kind:
            counts[kind] = counts.get(kind, 0) + 1
            names[path] = f"{kind}{counts[kind]}"
    return names


def layer_names(name, model):
    """For each layer with weights its path in nnx."""
    modules = {path: module for path, module in model.named_modules() if hasattr(module, "weight")}
    if "resnet" in name:
        unit = "cifarUnit" if "cifar" in name else "basic" if name == "resnet18" else "bottleneck"

        def rename(path):
            path = re.sub(r"layer(\d)\.(\d+)\.", lambda m: f"stage{m[1]}.{unit}{int(m[2]) + 1}.residual1.", path)
            path = path.replace("downsample.0", "project1.conv1").replace("downsample.1", "project1.batch_norm1")
            return re.sub(r"\bbn(\d)", r"batch_norm\1", path).replace("fc", "dense1")
    elif "densenet" in name:
        units = [path[:-len(".norm1")] for path in modules if re.search(r"denselayer\d+\.norm1$", path)]

        def rename(path):
            unit, _, layer = path.rpartition(".")
            if unit in units:
                return f"denseUnit{units.index(unit) + 1}.parallel1." + layer.replace("norm", "batch_norm")
            path = re.sub(r"features\.transition(\d)\.norm", r"transition\1.batch_norm1", path)
            path = re.sub(r"features\.transition(\d)\.conv", r"transition\1.conv1", path)
            return {"features.conv0": "conv1", "features.norm0": "batch_norm1", "features.norm5": "batch_norm2",
                    "classifier": "dense1"}.get(path, path)
    elif "squeezenet" in name:
        fires = sorted({int(path.split(".")[1]) for path in modules if "squeeze" in path})
        inner = {"squeeze": "conv1", "expand1x1": "parallel1.conv1", "expand3x3": "parallel1.conv2"}

        def rename(path):
            parts = path.split(".")
            if parts[0] == "classifier":
                return "convolutionalHead1.conv1"
            return f"fire{fires.index(int(parts[1])) + 1}.{inner[parts[2]]}" if len(parts) == 3 else "conv1"
    elif "mobilenet" in name:
        last = max(int(path.split(".")[1]) for path in modules if path.startswith("features"))
        inside = {int(index): numbered(block) for index, block in model.features.named_children()}

        def rename(path):
            parts = path.split(".", 2)
            if parts[0] == "classifier":
                return "dense1"
            index = int(parts[1])
            block = {0: "convNormRelu61", last: "convNormRelu62"}.get(index, f"invertedResidual{index}")
            return f"{block}.{inside[index][parts[2]]}"
    else:
        rename = numbered(model).get
    return {path: rename(path) for path in modules}


class Layout:
    """A weight of PyTorch's: its name in nnx, and its numbers in both orders."""

    def __init__(self, path, module, kind, name):
        self.key = f"{path}.{kind}"
        norm = isinstance(module, nn.BatchNorm2d)
        inner = {"weight": "scale" if norm else "W", "bias": "shift" if norm else "b",
                 "running_mean": "running_mean", "running_var": "running_variance"}[kind]
        self.name, self.module = f"{name}.{inner}", module
        # The first dense layer behind an image reads channels first in PyTorch.
        self.area = {256 * 36: 36, 16 * 49: 49, 512 * 49: 49}.get(getattr(module, "in_features", 0), 1)
        self.is_conv = kind == "weight" and isinstance(module, nn.Conv2d)
        self.is_dense = kind == "weight" and isinstance(module, nn.Linear)

    def to_nnx(self, w):
        if self.is_conv:
            return w.transpose(2, 3, 1, 0)
        if self.is_dense:
            return w.reshape(len(w), -1, self.area).transpose(2, 1, 0).reshape(-1, len(w))
        return w

    def from_nnx(self, w):
        if self.is_conv:
            return w.transpose(3, 2, 0, 1)
        if self.is_dense:
            return w.reshape(self.area, -1, w.shape[1]).transpose(2, 1, 0).reshape(w.shape[1], -1)
        return w


def layouts(name, model):
    modules = dict(model.named_modules())
    kinds = [key.rpartition(".") for key in model.state_dict() if not key.endswith("num_batches_tracked")]
    names = layer_names(name, model)
    return [Layout(path, modules[path], kind, names[path]) for path, _, kind in kinds]


# ---- Files

def write_safetensors(path, tensors, metadata):
    header, offset = {"__metadata__": metadata}, 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + 4 * tensor.size]}
        offset += 4 * tensor.size
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(np.ascontiguousarray(tensor, np.float32).tobytes())


def read_safetensors(path):
    data = Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            tensors[name] = np.frombuffer(data[start:end], np.float32).reshape(entry["shape"])
    return tensors, header["__metadata__"]


# ---- Numbers that the test suite can make without PyTorch

def fractions(name, count):
    """count numbers in [0, 1) that follow from a name: SplitMix64 from the name's FNV-1a hash, the upper 24 bits."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    z = np.uint64(value) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(40)).astype(np.float64) / 2**24


def made(name, shape):
    """The numbers of a weight by its name, as ParityTests makes them."""
    u = fractions(name, math.prod(shape))
    kind = name.rpartition(".")[2]
    if kind == "W":
        u = (2 * u - 1) * math.sqrt(6 / math.prod(shape[:-1]))
    elif kind in ("scale", "running_variance"):
        u = 0.5 + u
    else:
        u = 0.2 * u - 0.1
    return u.reshape(shape).astype(np.float32)


# ---- One model

def set_random(model):
    """torchvision's random weights, with biases that are not 0, and batch normalisation that is not the identity.

    Its scales are small: with 1 and more, the gradients of the first layers of a deep ResNet with random weights are so
    large that float32 itself, PyTorch's too, is some per cent away from float64.
    """
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.1, 0.5)
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
        if getattr(module, "bias", None) is not None:
            nn.init.uniform_(module.bias, -0.1, 0.1)


def numbers_of(model, weights):
    state = model.state_dict()
    return {w.name: w.to_nnx(state[w.key].numpy()).astype(np.float32).copy() for w in weights}


def compare(name, model, nnx, is_made):
    """The numbers of both: before, logits, and after the step."""
    def run(stage):
        subprocess.run([nnx, "run", "Tests/Reference/parity.nnx", "--set", f"model={name}", "--set", f"stage={stage}",
                        "--set", f"folder={FOLDER}", "--set", f"rate={RATES.get(name, RATE)}"], check=True, stdout=subprocess.DEVNULL)

    file = lambda ending: FOLDER / f"{name}.{ending}"
    run("batch")
    initial, metadata = read_safetensors(file("weights.safetensors"))
    weights = layouts(name, model)
    names = {w.name for w in weights}
    if names != set(initial):
        sys.exit(f"{name}: the names differ\n  only PyTorch: {sorted(names - set(initial))[:8]}\n"
                 f"  only nnx: {sorted(set(initial) - names)[:8]}")
    if is_made:
        state = model.state_dict()
        for w in weights:
            state[w.key].copy_(torch.from_numpy(np.ascontiguousarray(w.from_nnx(made(w.name, initial[w.name].shape)))))
    else:
        set_random(model)
    before = numbers_of(model, weights)
    write_safetensors(file("weights.safetensors"), before, metadata)
    run("run")

    images = torch.from_numpy(np.load(file("images.npy")).astype(np.float32)).permute(0, 3, 1, 2).contiguous()
    labels = torch.from_numpy(np.load(file("labels.npy")).astype(np.int64))
    model.eval()
    with torch.no_grad():
        logits = model(images).numpy()
    model.train()
    nn.functional.cross_entropy(model(images), labels).backward()
    torch.optim.SGD(model.parameters(), RATES.get(name, RATE)).step()
    after = numbers_of(model, weights)
    found = read_safetensors(file("after.safetensors"))[0]
    return before, (logits, after), (np.load(file("logits.npy")), found)


def relative(found, expected):
    return float(np.linalg.norm(found.astype(np.float64) - expected) / np.linalg.norm(expected.astype(np.float64)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="*", metavar="model")
    parser.add_argument("--nnx", required=True)
    parser.add_argument("--golden", action="store_true")
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    available = TINY if options.golden else {**MODELS, **(TINY if options.models else {})}
    golden, is_right = {}, True
    print(f"{'model':<16}{'parameters':>12}{'logits':>12}{'weights':>12}{'the step':>12}   (relative differences)")
    for name in options.models or list(TINY if options.golden else MODELS):
        torch.manual_seed(0)
        model = available[name]()
        parameters = sum(p.numel() for p in model.parameters())
        before, (logits, after), (nnx_logits, nnx_after) = compare(name, model, options.nnx, name in TINY)
        logits_apart = relative(nnx_logits, logits)
        weights_apart = max(relative(nnx_after[w], after[w]) for w in after)
        whole = lambda numbers: np.concatenate([(numbers[w] - before[w]).ravel() for w in after])
        steps_apart = relative(whole(nnx_after), whole(after))
        is_right = is_right and logits_apart <= 1e-4 and weights_apart <= 1e-3
        print(f"{name:<16}{parameters:>12,}{logits_apart:>12.1e}{weights_apart:>12.1e}{steps_apart:>12.1e}", flush=True)
        golden[name] = {"logits": [[float("%.7g" % v) for v in row] for row in logits], "steps": {
            w: [float("%.7g" % np.linalg.norm((after[w] - before[w]).astype(np.float64))),
                float("%.7g" % ((after[w] - before[w]).astype(np.float64).ravel()
                                @ (2 * fractions(w + " digest", after[w].size) - 1)))]
            for w in after}}
    if options.golden:
        text = json.dumps(golden).replace('"logits"', '\n"logits"').replace('"steps"', '\n"steps"')
        Path("Tests/Reference/parity.json").write_text(text + "\n")
    print("within 1e-4 (logits) and 1e-3 (weights)" if is_right else "TOO FAR: more than 1e-4 (logits) or 1e-3 (weights)")
    sys.exit(0 if is_right else 1)


main()
