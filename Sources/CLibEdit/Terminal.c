#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "CLibEdit.h"
#include "Text.h"

static bool locale_is_utf8(void) { return strcmp(nl_langinfo(CODESET), "UTF-8") == 0; }

void nnx_use_utf8_locale(void) {
    if (setlocale(LC_CTYPE, "") && locale_is_utf8()) return;
    static const char *const candidates[] = {"C.UTF-8", "C.utf8", "en_US.UTF-8"};
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++)
        if (setlocale(LC_CTYPE, candidates[i]) && locale_is_utf8()) return;
}

void nnx_guard_standard_descriptors(void) {
    for (int descriptor = 0; descriptor < 3; descriptor++) {
        if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
        // The lowest free number is `descriptor` itself. An output opened for reading refuses each write with EBADF.
        if (open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY) < 0) return;
    }
}

bool nnx_window_size(int descriptor, int *columns, int *rows) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return false;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return true;
}

size_t nnx_display_width(const char *text) {
    size_t width = 0;
    for (const char *next = text; *next;) {
        int columns = wcwidth(nnx_decode_utf8(&next));
        if (columns > 0) width += (size_t)columns;
    }
    return width;
}
