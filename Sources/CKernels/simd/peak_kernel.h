// Chains of multiply-adds that do not wait for one another: as many as hide the latency of two units.
enum { PEAK_CHAINS = 12 };
#if defined(__x86_64__)
#define PEAK_REGISTER "+x"
#else
#define PEAK_REGISTER "+w"
#endif

static long peak_run(long count, float *result) {
    vector chains[PEAK_CHAINS];
    UNROLL for (int i = 0; i < PEAK_CHAINS; i++) chains[i] = splat(1.0f + (float)i);
    const vector factor = splat(0.999f), summand = splat(1e-3f);
    const long rounds = nnx_divide_up(count, PEAK_CHAINS * VECTOR_LENGTH);
    for (long round = 0; round < rounds; round++) {
        UNROLL for (int i = 0; i < PEAK_CHAINS; i++) {
            chains[i] = multiply_add(chains[i], factor, summand);
            // Keeps the compiler from doing several rounds at once.
            __asm__ volatile("" : PEAK_REGISTER(chains[i]));
        }
    }
    vector sum = chains[0];
    for (int i = 1; i < PEAK_CHAINS; i++) sum += chains[i];
    *result = sum[0];
    return rounds * PEAK_CHAINS * VECTOR_LENGTH;
}
