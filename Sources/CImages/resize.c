#include <math.h>

#include "CImages.h"

// The source positions that make one position of the result: `count` from `first` on.
struct window {
    long first, count;
    double center, scale;
};

static struct window window(double from, double to, long source, long target, long position) {
    double step = (to - from) / (double)target;
    // An enlarged image is linear between two pixels; a reduced one averages over `step` pixels on both sides.
    double reach = step > 1 ? step : 1;
    double center = from + ((double)position + 0.5) * step;
    long first = (long)(center - reach + 0.5), end = (long)(center + reach + 0.5);
    if (first < 0) first = 0;
    if (end > source) end = source;
    return (struct window){first, end - first, center, 1 / reach};
}

// The triangle's height over source position `first + offset`, not yet divided by the sum.
static double weight(struct window window, long offset) {
    double distance = fabs(((double)(window.first + offset) - window.center + 0.5) * window.scale);
    return distance < 1 ? 1 - distance : 0;
}

static double total(struct window window) {
    double sum = 0;
    for (long offset = 0; offset < window.count; offset++) sum += weight(window, offset);
    return sum;
}

// One row, [width, channels] of bytes or words, to [target, channels] of floats in 0…1.
#define RESIZE_ROW(name, type, full)                                                                   \
    static void name(                                                                                  \
        const type *row, long width, long channels, double left, double right, float *result, long target) { \
        for (long column = 0; column < target; column++) {                                             \
            struct window from = window(left, right, width, target, column);                           \
            double scale = 1 / (total(from) * full), sums[3] = {0, 0, 0};                              \
            const type *pixel = row + from.first * channels;                                           \
            for (long offset = 0; offset < from.count; offset++, pixel += channels) {                  \
                double share = weight(from, offset);                                                   \
                for (long channel = 0; channel < channels; channel++) sums[channel] += share * pixel[channel]; \
            }                                                                                          \
            for (long channel = 0; channel < channels; channel++)                                      \
                result[column * channels + channel] = (float)(sums[channel] * scale);                  \
        }                                                                                              \
    }
RESIZE_ROW(resize_byte_row, uint8_t, 255.0)
RESIZE_ROW(resize_word_row, uint16_t, 65535.0)

void nnx_image_resize(
    const void *pixels, const nnx_image_header *header, nnx_image_box box, float *destination, long height, long width,
    float *scratch) {
    long channels = header->channels, source_row = (long)header->width * channels, row_size = width * channels;
    struct window upper = window(box.top, box.bottom, header->height, height, 0);
    struct window lower = window(box.top, box.bottom, header->height, height, height - 1);
    for (long row = upper.first; row < lower.first + lower.count; row++) {
        float *result = scratch + row * row_size;
        if (header->sample_bytes == 2) {
            resize_word_row(
                (const uint16_t *)pixels + row * source_row, header->width, channels, box.left, box.right, result, width);
        } else {
            resize_byte_row(
                (const uint8_t *)pixels + row * source_row, header->width, channels, box.left, box.right, result, width);
        }
    }
    for (long row = 0; row < height; row++) {
        struct window from = window(box.top, box.bottom, header->height, height, row);
        double scale = 1 / total(from);
        float *result = destination + row * row_size;
        for (long place = 0; place < row_size; place++) result[place] = 0;
        for (long offset = 0; offset < from.count; offset++) {
            float share = (float)(weight(from, offset) * scale);
            const float *source = scratch + (from.first + offset) * row_size;
            for (long place = 0; place < row_size; place++) result[place] += share * source[place];
        }
    }
}
