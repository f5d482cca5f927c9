#include "Text.h"

#include <stdlib.h>
#include <string.h>

int nnx_utf8_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead < 0xE0) return 2;
    if (lead >= 0xE0 && lead < 0xF0) return 3;
    if (lead >= 0xF0 && lead < 0xF5) return 4;
    return 0;
}

wchar_t nnx_decode_utf8(const char **text) {
    static const wchar_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)*text;
    int length = nnx_utf8_length(bytes[0]);
    *text += 1;
    if (length == 1) return bytes[0];
    if (length == 0) return 0xFFFD;
    wchar_t character = bytes[0] & (0x7F >> length);
    for (int i = 1; i < length; i++) {
        // A string's end is no continuation byte either, so this never reads past it.
        if ((bytes[i] & 0xC0) != 0x80) return 0xFFFD;
        character = character << 6 | (bytes[i] & 0x3F);
    }
    if (character < smallest[length] || character > 0x10FFFF || (character >= 0xD800 && character < 0xE000)) return 0xFFFD;
    *text += length - 1;
    return character;
}

size_t nnx_encode_utf8(wchar_t character, char *bytes) {
    unsigned code = (unsigned)character;
    if (code < 0x80) {
        bytes[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        bytes[0] = (char)(0xC0 | code >> 6);
        bytes[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        bytes[0] = (char)(0xE0 | code >> 12);
        bytes[1] = (char)(0x80 | (code >> 6 & 0x3F));
        bytes[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    bytes[0] = (char)(0xF0 | (code >> 18 & 0x07));
    bytes[1] = (char)(0x80 | (code >> 12 & 0x3F));
    bytes[2] = (char)(0x80 | (code >> 6 & 0x3F));
    bytes[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

wchar_t *nnx_wide_copy(const char *text) {
    wchar_t *wide = malloc((strlen(text) + 1) * sizeof *wide);
    if (!wide) return NULL;
    size_t count = 0;
    while (*text) wide[count++] = nnx_decode_utf8(&text);
    wide[count] = L'\0';
    return wide;
}
