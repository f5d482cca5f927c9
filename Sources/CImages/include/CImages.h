// PNG and JPEG by libpng and libjpeg-turbo, and the resizing of images.
//
// Both libraries report a damaged file by longjmp, which must not pass through Swift: here it ends inside of the function
// that was called, which then returns false and a message.
#ifndef NNX_IMAGES_H
#define NNX_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Room that a message takes, with its end.
#define NNX_IMAGE_MESSAGE 256

// What an image is, as its file's first bytes say.
struct nnx_image_header {
    uint32_t width, height;
    // Of the decoded image: 1 (gray) or 3 (red, green, blue).
    int channels;
    // Bytes of one decoded sample: 1, or 2 of the machine's order.
    int sample_bytes;
    // Channels while decoding: one more where the file has transparency.
    int stored_channels;
};
typedef struct nnx_image_header nnx_image_header;

// Reads the header. The bytes may be the beginning of a file; where they end too early it fails.
bool nnx_png_read_header(const uint8_t *bytes, size_t count, nnx_image_header *header, char *message);
bool nnx_jpeg_read_header(const uint8_t *bytes, size_t count, nnx_image_header *header, char *message);

// Decodes a whole file: height × width × channels samples, the top row first, interleaved. Palettes become colours, and
// transparency shows a white ground.
//
// `header` is what nnx_…_read_header gave for these bytes; `pixels` has room for height × width × stored_channels samples.
bool nnx_png_decode(
    const uint8_t *bytes, size_t count, const nnx_image_header *header, void *pixels, char *message);
bool nnx_jpeg_decode(
    const uint8_t *bytes, size_t count, const nnx_image_header *header, void *pixels, char *message);

// Encodes bytes height × width × channels (1 or 3) as a PNG; the same bytes for the same pixels.
//
// The file belongs to the caller, who releases it with nnx_image_free.
bool nnx_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, uint8_t **file, size_t *count, char *message);

void nnx_image_free(uint8_t *file);

// A part of an image in pixels; the borders need not be whole numbers.
struct nnx_image_box {
    double left, top, right, bottom;
};
typedef struct nnx_image_box nnx_image_box;

// Resizes a part of an image to `height` × `width`, as float32 in 0…1.
//
// Separable triangle filter, widened by the factor of the reduction, so that a smaller image is an average and a larger one
// linear between pixels (what Pillow calls BILINEAR). `pixels` are what was decoded for `header`; `scratch` has room for
// header.height × width × channels floats, `column_memory` has as many bytes as `nnx_image_columns_bytes` says, aligned for
// doubles.
void nnx_image_resize(
    const void *pixels, const nnx_image_header *header, nnx_image_box box, float *destination, long height, long width,
    float *scratch, void *column_memory);
size_t nnx_image_columns_bytes(const nnx_image_header *header, nnx_image_box box, long width);

#endif
