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

// Where one column of the result comes from: the same for every row.
struct column {
    long first, count;
    double total;
    const double *weights;
};

// One row, [width, channels] of bytes or words, to [target, channels] of floats in 0…1.
#define RESIZE_ROW(name, type, full)                                                                   \
    static void name(                                                                                  \
        const type *row, long channels, const struct column *columns, float *result, long target) {    \
        for (long column = 0; column < target; column++) {                                             \
            struct column from = columns[column];                                                      \
            double scale = 1 / (from.total * full), sums[3] = {0, 0, 0};                               \
            const type *pixel = row + from.first * channels;                                           \
            for (long offset = 0; offset < from.count; offset++, pixel += channels) {                  \
                double share = from.weights[offset];                                                   \
                for (long channel = 0; channel < channels; channel++) sums[channel] += share * pixel[channel]; \
            }                                                                                          \
            for (long channel = 0; channel < channels; channel++)                                      \
                result[column * channels + channel] = (float)(sums[channel] * scale);                  \
        }                                                                                              \
    }
RESIZE_ROW(resize_byte_row, uint8_t, 255.0)
RESIZE_ROW(resize_word_row, uint16_t, 65535.0)

size_t nnx_image_columns_bytes(const nnx_image_header *header, nnx_image_box box, long width) {
    size_t bytes = 0;
    for (long place = 0; place < width; place++) {
        long count = window(box.left, box.right, header->width, width, place).count;
        bytes += sizeof(struct column) + (size_t)count * sizeof(double);
    }
    return bytes;
}

// Fills the columns of a result; their weights follow in the same memory.
static void fill_columns(struct column *columns, nnx_image_box box, long source, long width) {
    double *next = (double *)(columns + width);
    for (long place = 0; place < width; place++) {
        struct window from = window(box.left, box.right, source, width, place);
        columns[place] = (struct column){from.first, from.count, total(from), next};
        for (long offset = 0; offset < from.count; offset++) *next++ = weight(from, offset);
    }
}

void nnx_image_resize(
    const void *pixels, const nnx_image_header *header, nnx_image_box box, float *destination, long height, long width,
    float *scratch, void *column_memory) {
    long channels = header->channels, source_row = (long)header->width * channels, row_size = width * channels;
    struct column *columns = column_memory;
    fill_columns(columns, box, header->width, width);
    struct window upper = window(box.top, box.bottom, header->height, height, 0);
    struct window lower = window(box.top, box.bottom, header->height, height, height - 1);
    for (long row = upper.first; row < lower.first + lower.count; row++) {
        float *result = scratch + row * row_size;
        if (header->sample_bytes == 2)
            resize_word_row((const uint16_t *)pixels + row * source_row, channels, columns, result, width);
        else
            resize_byte_row((const uint8_t *)pixels + row * source_row, channels, columns, result, width);
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
