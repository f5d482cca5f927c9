"""Time of a training step of JAX (jit) on the CPU, for the small workloads of stdlib/workloads.nnx.

usage: jax_step.py WORKLOAD [--steps N] [--batch N].  Prints one JSON line. The threads are those of OMP_NUM_THREADS or of
the cores that the process may use (taskset).
"""
import argparse, json, resource, statistics, time
import jax, jax.numpy as jnp, numpy, optax

random = numpy.random.default_rng(0)


def dense(inputs, units):
    return dict(w=jnp.asarray(random.normal(0, inputs ** -0.5, (inputs, units)), jnp.float32), b=jnp.zeros(units))


def convolution(size, inputs, filters):
    scale = (size * size * inputs) ** -0.5
    return dict(w=jnp.asarray(random.normal(0, scale, (size, size, inputs, filters)), jnp.float32), b=jnp.zeros(filters))


def apply_dense(parameters, x):
    return x @ parameters["w"] + parameters["b"]


def apply_convolution(parameters, x, padding):
    y = jax.lax.conv_general_dilated(x, parameters["w"], (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return y + parameters["b"]


def pool(x):
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def tiny_mlp(p, x):
    return apply_dense(p[2], jnp.tanh(apply_dense(p[1], jnp.tanh(apply_dense(p[0], x)))))


def fashion_mlp(p, x):
    return apply_dense(p[1], jax.nn.relu(apply_dense(p[0], x)))


def lenet(p, x):
    x = pool(jax.nn.relu(apply_convolution(p[0], x, "SAME")))
    x = pool(jax.nn.relu(apply_convolution(p[1], x, "VALID"))).reshape(x.shape[0], -1)
    return apply_dense(p[4], jax.nn.relu(apply_dense(p[3], jax.nn.relu(apply_dense(p[2], x)))))


# net, parameters, input shape, classes, batch, steps
WORKLOADS = {
    "tiny_mlp": (tiny_mlp, lambda: [dense(2, 16), dense(16, 16), dense(16, 2)], (2,), 2, 32, 2000),
    "fashion_mlp": (fashion_mlp, lambda: [dense(784, 256), dense(256, 10)], (784,), 10, 128, 400),
    "lenet": (lenet, lambda: [convolution(5, 1, 6), convolution(5, 6, 16), dense(400, 120), dense(120, 84), dense(84, 10)],
              (28, 28, 1), 10, 64, 200),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--batch", type=int)
    options = parser.parse_args()
    net, make, shape, classes, batch, steps = WORKLOADS[options.workload]
    batch, steps = options.batch or batch, options.steps or steps
    parameters = make()
    optimizer = optax.adam(1e-3)
    state = optimizer.init(parameters)
    x = jnp.asarray(random.normal(size=(batch, *shape)), jnp.float32)
    y = jnp.asarray(random.integers(0, classes, batch))

    @jax.jit
    def step(parameters, state, x, y):
        def objective(parameters):
            return optax.softmax_cross_entropy_with_integer_labels(net(parameters, x), y).mean()
        loss, gradient = jax.value_and_grad(objective)(parameters)
        updates, state = optimizer.update(gradient, state, parameters)
        return optax.apply_updates(parameters, updates), state, loss

    times = []
    warm_up = max(2, min(50, steps // 4))
    for _ in range(warm_up + steps):
        start = time.perf_counter()
        parameters, state, loss = step(parameters, state, x, y)
        loss.block_until_ready()
        times.append(time.perf_counter() - start)
    median = statistics.median(times[warm_up:])
    print(json.dumps(dict(
        peer="jax", workload=options.workload, step_s=median, images_s=batch / median, min_s=min(times[warm_up:]),
        rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)))


main()
