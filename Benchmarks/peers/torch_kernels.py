"""Times of PyTorch's kernels on the CPU under the names of stdlib/workloads.nnx.

usage: torch_kernels.py [--runs N] [--threads N].  Prints a JSON line a kernel. Convolutions are channels_last.
"""
import argparse, json, statistics, time
import torch
from torch.nn.functional import conv2d
from torch.nn.grad import conv2d_input, conv2d_weight


def image(side, channels):
    x = torch.randn(8, channels, side, side).contiguous(memory_format=torch.channels_last)
    w = torch.randn(channels, channels, 3, 3).contiguous(memory_format=torch.channels_last)
    return x, w


def kernels():
    for size in (256, 1024):
        a, b = torch.randn(size, size), torch.randn(size, size)
        yield f"matmul_{size}", lambda a=a, b=b: a @ b
    yield "matmul_1024_left_transposed", lambda a=a, b=b: a.t() @ b
    yield "matmul_1024_right_transposed", lambda a=a, b=b: a @ b.t()
    a, b = torch.randn(128, 784), torch.randn(784, 256)
    yield "matmul_128_784_256", lambda a=a, b=b: a @ b
    for side, channels in ((56, 64), (28, 128), (14, 256), (7, 512)):
        x, w = image(side, channels)
        name = f"conv3x3_{channels}_{side}"
        yield name, lambda x=x, w=w: conv2d(x, w, padding=1)
        yield f"{name}_input_gradient", lambda x=x, w=w: conv2d_input(x.shape, w, x, padding=1)
        yield f"{name}_weight_gradient", lambda x=x, w=w: conv2d_weight(x, w.shape, x, padding=1)
    x = torch.randn(2048, 2048)
    yield "exp_4m", lambda x=x: torch.exp(x)
    yield "tanh_4m", lambda x=x: torch.tanh(x)
    a, b = torch.randn(4096, 4096), torch.randn(4096, 4096)
    yield "triad_16m", lambda a=a, b=b: torch.add(a, b, alpha=3)
    yield "sum_16m", lambda a=a: a.sum()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    with torch.no_grad():
        for name, kernel in kernels():
            for _ in range(3):
                kernel()
            times = []
            for _ in range(options.runs):
                start = time.perf_counter()
                kernel()
                times.append(time.perf_counter() - start)
            print(json.dumps(dict(peer="torch", workload=name, step_s=statistics.median(times), min_s=min(times))))


main()
