#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "CImages.h"

// A file of ever more scans would keep the decoder busy for hours.
static const int largest_scan = 500;

// A decompressor, and where to go on when it fails.
struct reader {
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf failed;
    char *message;
};

static void fail(j_common_ptr info) {
    struct reader *reader = info->client_data;
    char text[JMSG_LENGTH_MAX];
    info->err->format_message(info, text);
    snprintf(reader->message, NNX_IMAGE_MESSAGE, "%s", text);
    longjmp(reader->failed, 1);
}

// libjpeg goes on with invented pixels where data is missing or damaged, and calls that a warning.
static void report(j_common_ptr info, int level) {
    if (level >= 0) return;
    switch (info->err->msg_code) {
    // Harmless: bytes between segments, an unknown version of JFIF, an unknown colour transform.
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM: return;
    default: fail(info);
    }
}

static void watch(j_common_ptr info) {
    struct reader *reader = info->client_data;
    if (reader->info.input_scan_number <= largest_scan) return;
    snprintf(reader->message, NNX_IMAGE_MESSAGE, "more than %d scans", largest_scan);
    longjmp(reader->failed, 1);
}

static void begin(struct reader *reader, char *message) {
    memset(reader, 0, sizeof *reader);
    reader->message = message;
    reader->info.err = jpeg_std_error(&reader->errors);
    reader->errors.error_exit = fail;
    reader->errors.emit_message = report;
    reader->info.client_data = reader;
}

// Reads up to the pixels and settles their form. May leave by longjmp.
static nnx_image_header read_header(struct reader *reader, const uint8_t *bytes, size_t count) {
    jpeg_create_decompress(&reader->info);
    reader->progress.progress_monitor = watch;
    reader->info.progress = &reader->progress;
    jpeg_mem_src(&reader->info, bytes, count);
    jpeg_read_header(&reader->info, TRUE);
    int channels = reader->info.num_components;
    if (channels != 1 && channels != 3) {
        snprintf(
            reader->message, NNX_IMAGE_MESSAGE, "its %d colour components are not gray or red, green and blue", channels);
        longjmp(reader->failed, 1);
    }
    reader->info.out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    // Bit for bit the same on every machine.
    reader->info.dct_method = JDCT_ISLOW;
    return (nnx_image_header){reader->info.image_width, reader->info.image_height, channels, 1, channels};
}

// What setjmp guards is a function of its own, so that the reader is no local variable of it and stays defined.
static bool header_of(struct reader *reader, const uint8_t *bytes, size_t count, nnx_image_header *header) {
    if (setjmp(reader->failed)) return false;
    *header = read_header(reader, bytes, count);
    return true;
}

bool nnx_jpeg_read_header(const uint8_t *bytes, size_t count, nnx_image_header *header, char *message) {
    struct reader reader;
    begin(&reader, message);
    bool done = header_of(&reader, bytes, count, header);
    jpeg_destroy_decompress(&reader.info);
    return done;
}

static bool decode(
    struct reader *reader, const uint8_t *bytes, size_t count, const nnx_image_header *header, uint8_t *pixels) {
    if (setjmp(reader->failed)) return false;
    nnx_image_header found = read_header(reader, bytes, count);
    if (found.width != header->width || found.height != header->height || found.channels != header->channels) {
        snprintf(reader->message, NNX_IMAGE_MESSAGE, "it is not the file whose header was read");
        return false;
    }
    jpeg_start_decompress(&reader->info);
    size_t row_bytes = (size_t)header->width * (size_t)header->channels;
    while (reader->info.output_scanline < header->height) {
        JSAMPROW row = pixels + reader->info.output_scanline * row_bytes;
        jpeg_read_scanlines(&reader->info, &row, 1);
    }
    jpeg_finish_decompress(&reader->info);
    return true;
}

bool nnx_jpeg_decode(
    const uint8_t *bytes, size_t count, const nnx_image_header *header, void *pixels, char *message) {
    struct reader reader;
    begin(&reader, message);
    bool done = decode(&reader, bytes, count, header, pixels);
    jpeg_destroy_decompress(&reader.info);
    return done;
}
