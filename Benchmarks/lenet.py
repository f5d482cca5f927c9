#!/usr/bin/env python3
"""Time per training step of LeNet: nnx (one epoch of experiments/06) beside PyTorch, in alternating runs.

usage: Benchmarks/lenet.py [--rounds 5] [--threads 2] [--torch-python PYTHON] [--nnx .build/release/nnx]

PYTHON is an interpreter that has torch and torchvision (pip install torch torchvision). nnx's time includes reading,
shuffling and converting the images; the peer's does not: its batch is made once. Prints a Markdown table.
"""
import argparse, json, os, statistics, subprocess, sys

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def nnx_epoch(options):
    """Seconds per step and peak MiB of one epoch over 60 000 images in batches of 64 (938 steps)."""
    command = [options.nnx, "run", f"{root}/experiments/06_fashion_lenet.nnx", "--set", "epochs=1", "--json",
               "--threads", str(options.threads)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    output = process.stdout.read()
    _, _, usage = os.wait4(process.pid, 0)
    for line in output.splitlines():
        event = json.loads(line)
        if event.get("event") == "progress" and event.get("kind") == "epoch":
            return event["samples_per_second"], usage.ru_maxrss / 1024
    raise SystemExit("nnx printed no epoch event:\n" + output)


def torch_steps(options, mode):
    command = [options.torch_python, f"{root}/Benchmarks/peers/torch_step.py", "lenet", mode]
    environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads))
    line = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    result = json.loads(line)
    return result["step_s"], result["rss_mb"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--torch-python", default=sys.executable)
    parser.add_argument("--nnx", default=f"{root}/.build/release/nnx")
    options = parser.parse_args()
    modes = ["eager", "channels_last", "compile"]
    times = {name: [] for name in ["nnx", *modes]}
    memory = {name: 0.0 for name in times}
    for _ in range(options.rounds):
        rate, peak = nnx_epoch(options)
        times["nnx"].append(64 / rate)
        memory["nnx"] = max(memory["nnx"], peak)
        for mode in modes:
            seconds, peak = torch_steps(options, mode)
            times[mode].append(seconds)
            memory[mode] = max(memory[mode], peak)
    best = min(modes, key=lambda mode: statistics.median(times[mode]))
    base = statistics.median(times[best])
    print("| run | median ms a step | min … max | against the best peer | peak MiB |")
    print("| --- | --- | --- | --- | --- |")
    for name, values in times.items():
        median = statistics.median(values)
        label = name if name == "nnx" else f"PyTorch {name}"
        print(f"| {label} | {median * 1e3:.2f} | {min(values) * 1e3:.2f} … {max(values) * 1e3:.2f} "
              f"| {base / median:.2f} × as fast | {memory[name]:.0f} |")


main()
