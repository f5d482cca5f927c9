#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "CImages.h"

// Bytes that are read one after the other.
struct source {
    const uint8_t *bytes;
    size_t count, position;
};

static void fail(png_structp png, png_const_charp text) {
    snprintf(png_get_error_ptr(png), NNX_IMAGE_MESSAGE, "%s", text);
    png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp text) {}

static void take(png_structp png, png_bytep target, size_t count) {
    struct source *source = png_get_io_ptr(png);
    if (count > source->count - source->position) png_error(png, "the file ends too early");
    memcpy(target, source->bytes + source->position, count);
    source->position += count;
}

// Everything that must be released, kept where longjmp leaves it alone.
struct reader {
    png_structp png;
    png_infop info;
    png_bytep *rows;
    struct source source;
};

static bool begin(struct reader *reader, const uint8_t *bytes, size_t count, char *message) {
    *reader = (struct reader){.source = {bytes, count, 0}};
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, message, fail, ignore);
    if (reader->png) reader->info = png_create_info_struct(reader->png);
    if (!reader->info) {
        snprintf(message, NNX_IMAGE_MESSAGE, "libpng cannot start");
        png_destroy_read_struct(&reader->png, NULL, NULL);
        return false;
    }
    png_set_read_fn(reader->png, &reader->source, take);
    return true;
}

static void end(struct reader *reader) {
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
    free(reader->rows);
}

// Reads up to the pixels and settles their form. May leave by longjmp.
static nnx_image_header read_header(struct reader *reader) {
    png_structp png = reader->png;
    // The caller limits the number of pixels.
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(png, reader->info);
    int color = png_get_color_type(png, reader->info);
    bool wide = png_get_bit_depth(png, reader->info) == 16;
    // Palettes to colours, 1, 2 and 4 bits to 8, a transparent colour to an alpha channel.
    png_set_expand(png);
    const uint16_t one = 1;
    if (wide && *(const uint8_t *)&one == 1) png_set_swap(png);
    bool transparent = color & PNG_COLOR_MASK_ALPHA || png_get_valid(png, reader->info, PNG_INFO_tRNS);
    int channels = color & PNG_COLOR_MASK_COLOR ? 3 : 1;
    return (nnx_image_header){
        png_get_image_width(png, reader->info), png_get_image_height(png, reader->info), channels, wide ? 2 : 1,
        channels + (transparent ? 1 : 0)};
}

// What setjmp guards is a function of its own, so that the reader is no local variable of it and stays defined.
static bool header_of(struct reader *reader, nnx_image_header *header) {
    if (setjmp(png_jmpbuf(reader->png))) return false;
    *header = read_header(reader);
    return true;
}

bool nnx_png_read_header(const uint8_t *bytes, size_t count, nnx_image_header *header, char *message) {
    struct reader reader;
    if (!begin(&reader, bytes, count, message)) return false;
    bool done = header_of(&reader, header);
    end(&reader);
    return done;
}

// Lays pixels with alpha over white: color · alpha + (1 - alpha), rounded; the result takes the place of the source.
#define OVER_WHITE(name, type, full)                                                       \
    static void name(type *pixels, size_t count, int channels) {                           \
        const type *source = pixels;                                                       \
        for (size_t pixel = 0; pixel < count; pixel++, source += channels + 1) {           \
            uint64_t alpha = source[channels];                                             \
            for (int channel = 0; channel < channels; channel++) {                         \
                uint64_t mixed = source[channel] * alpha + (uint64_t)full * (full - alpha); \
                *pixels++ = (type)((mixed + full / 2) / full);                             \
            }                                                                              \
        }                                                                                  \
    }
OVER_WHITE(bytes_over_white, uint8_t, 255)
OVER_WHITE(words_over_white, uint16_t, 65535)

static bool decode(struct reader *reader, const nnx_image_header *header, png_bytep pixels) {
    if (setjmp(png_jmpbuf(reader->png))) return false;
    nnx_image_header found = read_header(reader);
    png_set_interlace_handling(reader->png);
    png_read_update_info(reader->png, reader->info);
    size_t row_bytes = (size_t)header->width * (size_t)header->stored_channels * (size_t)header->sample_bytes;
    if (found.width != header->width || found.height != header->height ||
        png_get_rowbytes(reader->png, reader->info) != row_bytes) {
        png_error(reader->png, "it is not the file whose header was read");
    }
    reader->rows = malloc(sizeof(png_bytep) * header->height);
    if (!reader->rows) png_error(reader->png, "no memory");
    for (size_t row = 0; row < header->height; row++) reader->rows[row] = pixels + row * row_bytes;
    png_read_image(reader->png, reader->rows);
    png_read_end(reader->png, NULL);
    return true;
}

bool nnx_png_decode(
    const uint8_t *bytes, size_t count, const nnx_image_header *header, void *pixels, char *message) {
    struct reader reader;
    if (!begin(&reader, bytes, count, message)) return false;
    bool done = decode(&reader, header, pixels);
    end(&reader);
    if (!done || header->stored_channels == header->channels) return done;
    size_t size = (size_t)header->width * header->height;
    if (header->sample_bytes == 2) {
        words_over_white(pixels, size, header->channels);
    } else {
        bytes_over_white(pixels, size, header->channels);
    }
    return true;
}

// A file that grows as it is written, and what must be released.
struct writer {
    png_structp png;
    png_infop info;
    uint8_t *bytes;
    size_t count, capacity;
};

static void give(png_structp png, png_bytep bytes, size_t count) {
    struct writer *writer = png_get_io_ptr(png);
    if (count > writer->capacity - writer->count) {
        size_t capacity = 2 * writer->capacity + count;
        uint8_t *larger = realloc(writer->bytes, capacity);
        if (!larger) png_error(png, "no memory");
        writer->bytes = larger;
        writer->capacity = capacity;
    }
    memcpy(writer->bytes + writer->count, bytes, count);
    writer->count += count;
}

static void flush(png_structp png) {}

static bool encode(struct writer *writer, const uint8_t *pixels, uint32_t width, uint32_t height, int channels) {
    png_structp png = writer->png;
    if (setjmp(png_jmpbuf(png))) return false;
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(
        png, writer->info, width, height, 8, channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
        PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, writer->info);
    for (size_t row = 0; row < height; row++) png_write_row(png, pixels + row * width * (size_t)channels);
    png_write_end(png, writer->info);
    return true;
}

bool nnx_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, uint8_t **file, size_t *count, char *message) {
    struct writer writer = {0};
    writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, message, fail, ignore);
    if (writer.png) writer.info = png_create_info_struct(writer.png);
    bool done = false;
    if (writer.info) {
        png_set_write_fn(writer.png, &writer, give, flush);
        done = encode(&writer, pixels, width, height, channels);
    } else {
        snprintf(message, NNX_IMAGE_MESSAGE, "libpng cannot start");
    }
    png_destroy_write_struct(&writer.png, &writer.info);
    if (done) {
        *file = writer.bytes;
        *count = writer.count;
    } else {
        free(writer.bytes);
    }
    return done;
}

void nnx_image_free(uint8_t *file) { free(file); }
