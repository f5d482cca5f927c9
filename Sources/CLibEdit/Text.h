#pragma once

#include <stddef.h>
#include <wchar.h>

// UTF-8 to and from libedit's wide characters, which are code points on every system that nnx runs on.

/// Decodes the character at `*text`, which is not at its end, and moves behind it; U+FFFD for each malformed byte.
wchar_t nnx_decode_utf8(const char **text);

/// The number of bytes of a sequence that begins with `lead`; 0 for a byte that cannot begin one.
int nnx_utf8_length(unsigned char lead);

/// Writes `character` as 1 to 4 bytes and returns how many.
size_t nnx_encode_utf8(wchar_t character, char *bytes);

/// A wide copy of `text`, to be freed; NULL where memory is short.
wchar_t *nnx_wide_copy(const char *text);
