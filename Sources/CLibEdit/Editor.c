#include <errno.h>
#include <histedit.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "CLibEdit.h"
#include "Signals.h"
#include "Text.h"

// libedit draws the line and moves in it. Waiting for a key is done here and not by libedit, for two reasons: with
// EL_SIGNAL its own handlers would redraw and change the terminal's mode from within a signal handler, and without it
// a signal that arrives just before its read() would go unnoticed. Here signals write to a pipe, and poll() sees both.

struct nnx_editor {
    EditLine *edit;
    HistoryW *history;
    wchar_t *prompt;
    char *line;
    /// SIGINTs seen before this line; one more and the line is given up.
    int interrupts_before;
    bool ansi;
    nnx_completion_callback completion;
    void *completion_context;
};

enum { history_size = 2000, prompt_escape = 1 };

static nnx_editor *editor_of(EditLine *edit) {
    void *data = NULL;
    el_wget(edit, EL_CLIENTDATA, &data);
    return data;
}

static wchar_t *prompt_of(EditLine *edit) { return editor_of(edit)->prompt; }

// MARK: Drawing

/// Prints to the terminal now, behind what libedit still holds back.
static void emit(const char *text) {
    fputs(text, stdout);
    fflush(stdout);
}

/// The rows below the first that the visible text from `begin` up to `end` reaches, if it starts in `*column`.
static int rows_passed(const wchar_t *begin, const wchar_t *end, int columns, int *column) {
    int rows = 0;
    bool escape = false;
    for (const wchar_t *next = begin; next < end; next++) {
        if (*next == prompt_escape) escape = !escape;
        if (escape) continue;
        int width = *next == L'\n' ? 0 : wcwidth(*next);
        if (*next == L'\n' || *column + (width > 0 ? width : 0) > columns) {
            rows++;
            *column = 0;
        }
        if (width > 0) *column += width;
    }
    return rows;
}

/// Draws prompt and line again after the window changed its size: in place where they fit into one row; else below, as
/// some terminals wrap what is on the screen anew and others do not, so that nobody knows where the input began.
static void redraw_resized(nnx_editor *editor) {
    el_resize(editor->edit);
    int columns = 80, rows = 24, column = 0;
    nnx_window_size(STDOUT_FILENO, &columns, &rows);
    const LineInfoW *line = el_wline(editor->edit);
    int further = rows_passed(editor->prompt, editor->prompt + wcslen(editor->prompt), columns, &column);
    further += rows_passed(line->buffer, line->lastchar, columns, &column);
    emit(further > 0 ? "\r\n" : "\r");
    if (editor->ansi) emit("\033[J");
    el_wset(editor->edit, EL_REFRESH);
}

/// Moves below the last row of the input.
static void leave_input(nnx_editor *editor) {
    int columns = 80, rows = 24, column = 0;
    nnx_window_size(STDOUT_FILENO, &columns, &rows);
    const LineInfoW *line = el_wline(editor->edit);
    rows_passed(editor->prompt, editor->prompt + wcslen(editor->prompt), columns, &column);
    rows_passed(line->buffer, line->cursor, columns, &column);
    for (int below = rows_passed(line->cursor, line->lastchar, columns, &column); below >= 0; below--) emit("\n");
    emit("\r");
}

// MARK: Waiting for a key

static void paste_mode(nnx_editor *editor, bool on) {
    if (editor->ansi) emit(on ? "\033[?2004h" : "\033[?2004l");
}

static void terminal_mode(nnx_editor *editor, bool editing) {
    el_wset(editor->edit, EL_PREP_TERM, editing ? 1 : 0);
    paste_mode(editor, editing);
}

/// Does what the signals that came ask for; false where they end the line.
static bool answer_signals(nnx_editor *editor) {
    nnx_signals_drain();
    if (nnx_signals_interrupt_count() != editor->interrupts_before || nnx_signals_termination()) return false;
    bool suspended = nnx_signals_take_suspended();
    if (suspended) {
        terminal_mode(editor, false);
        nnx_signals_stop_here();
    }
    if (nnx_signals_take_continued() || suspended) {
        // The shell has used the terminal meanwhile: mode and size may be others.
        terminal_mode(editor, false);
        terminal_mode(editor, true);
        nnx_signals_take_resized();
        el_resize(editor->edit);
        emit("\r");
        el_wset(editor->edit, EL_REFRESH);
    }
    if (nnx_signals_take_resized()) redraw_resized(editor);
    return true;
}

/// Reads a byte: 1, or 0 at the end of the input, or -1 with errno.
static int read_byte(nnx_editor *editor, unsigned char *byte) {
    for (;;) {
        if (!answer_signals(editor)) {
            errno = EINTR;
            return -1;
        }
        struct pollfd sources[2] = {
            {.fd = STDIN_FILENO, .events = POLLIN},
            {.fd = nnx_signals_wake_descriptor(), .events = POLLIN},
        };
        if (poll(sources, 2, -1) < 0) {
            if (errno == EINTR) continue;
            return -1;
        }
        if (sources[1].revents) continue;
        ssize_t count = read(STDIN_FILENO, byte, 1);
        if (count >= 0) return (int)count;
        if (errno != EINTR && errno != EAGAIN) return -1;
    }
}

/// libedit's read function: one character, whatever the number of its bytes.
static int read_character(EditLine *edit, wchar_t *character) {
    nnx_editor *editor = editor_of(edit);
    char bytes[5] = {0};
    int status = read_byte(editor, (unsigned char *)bytes);
    int length = status == 1 ? nnx_utf8_length((unsigned char)bytes[0]) : 0;
    for (int i = 1; status == 1 && i < length; i++) status = read_byte(editor, (unsigned char *)bytes + i);
    *character = L'\0';
    if (status != 1) return status;
    const char *next = bytes;
    if (bytes[0]) *character = nnx_decode_utf8(&next);
    return 1;
}

// MARK: Keys

static unsigned char complete_key(EditLine *edit, int key) {
    (void)key;
    nnx_editor *editor = editor_of(edit);
    const LineInfoW *line = el_wline(edit);
    size_t before = (size_t)(line->cursor - line->buffer);
    bool blank = true;
    for (size_t i = before; i > 0 && line->buffer[i - 1] != L'\n'; i--)
        if (line->buffer[i - 1] != L' ') blank = false;
    if (blank || !editor->completion) {
        el_winsertstr(edit, L"    ");
        return CC_REFRESH;
    }
    size_t count = (size_t)(line->lastchar - line->buffer), length = 0, cursor = 0;
    char *text = malloc(count * 4 + 1);
    if (!text) return CC_ERROR;
    for (size_t i = 0; i < count; i++) {
        if (i == before) cursor = length;
        length += nnx_encode_utf8(line->buffer[i], text + length);
    }
    if (before == count) cursor = length;
    text[length] = '\0';
    editor->completion(editor, text, cursor, editor->completion_context);
    free(text);
    return CC_REFRESH;
}

void nnx_editor_replace_before_cursor(nnx_editor *editor, size_t count, const char *text) {
    const LineInfoW *line = el_wline(editor->edit);
    int characters = 0;
    char bytes[4];
    for (const wchar_t *next = line->cursor; count > 0 && next > line->buffer; characters++) {
        size_t length = nnx_encode_utf8(*--next, bytes);
        count -= length < count ? length : count;
    }
    if (characters > 0) el_deletestr(editor->edit, characters);
    wchar_t *wide = nnx_wide_copy(text);
    if (wide) el_winsertstr(editor->edit, wide);
    free(wide);
}

void nnx_editor_show_below(nnx_editor *editor, const char *text) {
    leave_input(editor);
    emit(text);
    el_wset(editor->edit, EL_REFRESH);
}

/// Inserts a bracketed paste as it is: lines, tabs and all. Enter then runs it.
static unsigned char paste_key(EditLine *edit, int key) {
    (void)key;
    static const wchar_t closing[] = L"\033[201~";
    enum { closing_length = 6 };
    size_t capacity = 1024, count = 0;
    wchar_t *text = malloc(capacity * sizeof *text);
    bool complete = false;
    while (text && !complete) {
        wchar_t character;
        if (el_wgetc(edit, &character) != 1) break;
        // Terminals send the line ends of a paste as Enter.
        if (character == L'\r') character = L'\n';
        if (count + 1 >= capacity) {
            capacity *= 2;
            wchar_t *larger = realloc(text, capacity * sizeof *text);
            if (!larger) break;
            text = larger;
        }
        text[count++] = character;
        complete = count >= closing_length && wmemcmp(text + count - closing_length, closing, closing_length) == 0;
    }
    if (complete) {
        count -= closing_length;
        // The newline at the end of a copied line would only open an empty one.
        while (count > 0 && text[count - 1] == L'\n') count--;
        text[count] = L'\0';
        if (count > 0) el_winsertstr(edit, text);
    }
    free(text);
    return complete ? CC_REFRESH : CC_ERROR;
}

static unsigned char newline_key(EditLine *edit, int key) {
    (void)key;
    el_winsertstr(edit, L"\n");
    return CC_REFRESH;
}

/// Moves a line up within an input of several lines, and into the history from its first line.
static unsigned char up_key(EditLine *edit, int key) {
    (void)key;
    const LineInfoW *line = el_wline(edit);
    const wchar_t *start = line->cursor;
    while (start > line->buffer && start[-1] != L'\n') start--;
    if (start == line->buffer) {
        el_wpush(edit, L"\020");
        return CC_NORM;
    }
    const wchar_t *above = start - 1;
    while (above > line->buffer && above[-1] != L'\n') above--;
    long column = line->cursor - start, length = start - 1 - above;
    el_cursor(edit, (int)(above + (column < length ? column : length) - line->cursor));
    return CC_CURSOR;
}

/// Moves a line down within an input of several lines, and on in the history from its last line.
static unsigned char down_key(EditLine *edit, int key) {
    (void)key;
    const LineInfoW *line = el_wline(edit);
    const wchar_t *start = line->cursor, *end = line->cursor;
    while (start > line->buffer && start[-1] != L'\n') start--;
    while (end < line->lastchar && *end != L'\n') end++;
    if (end == line->lastchar) {
        el_wpush(edit, L"\016");
        return CC_NORM;
    }
    const wchar_t *below = end + 1, *stop = below;
    while (stop < line->lastchar && *stop != L'\n') stop++;
    long column = line->cursor - start, length = stop - below;
    el_cursor(edit, (int)(below + (column < length ? column : length) - line->cursor));
    return CC_CURSOR;
}

struct binding {
    const wchar_t *keys;
    const wchar_t *command;
};

static void bind_keys(EditLine *edit) {
    static const struct binding bindings[] = {
        {L"\t", L"nnx-complete"},       {L"\\e[200~", L"nnx-paste"},     {L"\\e\\r", L"nnx-newline"},
        {L"\\e\\n", L"nnx-newline"},    {L"\\e[A", L"nnx-up"},           {L"\\eOA", L"nnx-up"},
        {L"\\e[B", L"nnx-down"},        {L"\\eOB", L"nnx-down"},         {L"\\e[H", L"ed-move-to-beg"},
        {L"\\eOH", L"ed-move-to-beg"},  {L"\\e[1~", L"ed-move-to-beg"},  {L"\\e[F", L"ed-move-to-end"},
        {L"\\eOF", L"ed-move-to-end"},  {L"\\e[4~", L"ed-move-to-end"},  {L"\\e[3~", L"ed-delete-next-char"},
        {L"\\e[1;5D", L"ed-prev-word"}, {L"\\e[1;5C", L"em-next-word"},  {L"^R", L"em-inc-search-prev"},
    };
    for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++)
        el_wset(edit, EL_BIND, bindings[i].keys, bindings[i].command, NULL);
}

// MARK: Lifetime

nnx_editor *nnx_editor_open(void) {
    nnx_editor *editor = calloc(1, sizeof *editor);
    if (!editor) return NULL;
    editor->edit = el_init("nnx", stdin, stdout, stderr);
    editor->history = history_winit();
    editor->prompt = nnx_wide_copy("");
    if (!editor->edit || !editor->history || !editor->prompt) {
        nnx_editor_close(editor);
        return NULL;
    }
    const char *terminal = getenv("TERM");
    editor->ansi = terminal && *terminal && strcmp(terminal, "dumb") != 0;
    HistEventW event;
    history_w(editor->history, &event, H_SETSIZE, history_size);
    history_w(editor->history, &event, H_SETUNIQUE, 1);

    EditLine *edit = editor->edit;
    el_wset(edit, EL_CLIENTDATA, editor);
    el_wset(edit, EL_GETCFN, read_character);
    el_wset(edit, EL_SIGNAL, 0);
    el_wset(edit, EL_PROMPT_ESC, prompt_of, prompt_escape);
    el_wset(edit, EL_HIST, history_w, editor->history);
    el_wset(edit, EL_EDITOR, L"emacs");
    el_wset(edit, EL_ADDFN, L"nnx-complete", L"Complete the word before the cursor", complete_key);
    el_wset(edit, EL_ADDFN, L"nnx-paste", L"Insert pasted text as it is", paste_key);
    el_wset(edit, EL_ADDFN, L"nnx-newline", L"Insert a line break", newline_key);
    el_wset(edit, EL_ADDFN, L"nnx-up", L"Move up a line or into the history", up_key);
    el_wset(edit, EL_ADDFN, L"nnx-down", L"Move down a line or on in the history", down_key);
    // The user's own settings come first and may choose vi keys, which replaces all bindings: ours come after.
    el_source(edit, NULL);
    bind_keys(edit);
    return editor;
}

void nnx_editor_close(nnx_editor *editor) {
    if (!editor) return;
    if (editor->edit) el_end(editor->edit);
    if (editor->history) history_wend(editor->history);
    free(editor->prompt);
    free(editor->line);
    free(editor);
}

void nnx_editor_set_completion(nnx_editor *editor, nnx_completion_callback callback, void *context) {
    editor->completion = callback;
    editor->completion_context = context;
}

void nnx_editor_add_history(nnx_editor *editor, const char *entry) {
    wchar_t *wide = nnx_wide_copy(entry);
    HistEventW event;
    if (wide && *wide) history_w(editor->history, &event, H_ENTER, wide);
    free(wide);
}

nnx_read_result nnx_editor_read(nnx_editor *editor, const char *prompt, const char **line) {
    wchar_t *wide = nnx_wide_copy(prompt);
    if (!wide) return nnx_read_end;
    free(editor->prompt);
    editor->prompt = wide;
    editor->interrupts_before = nnx_signals_interrupt_count();

    nnx_signals_reading_begin();
    // Before the prompt shows: what is typed at its sight must not meet the terminal's own line discipline.
    terminal_mode(editor, true);
    int count = 0;
    const wchar_t *typed = el_wgets(editor->edit, &count);
    paste_mode(editor, false);
    nnx_signals_reading_end();

    if (nnx_signals_interrupt_count() != editor->interrupts_before && !typed) return nnx_read_interrupted;
    if (!typed || count <= 0) return nnx_read_end;
    if (typed[count - 1] == L'\n') count--;
    char *bytes = malloc((size_t)count * 4 + 1);
    if (!bytes) return nnx_read_end;
    size_t length = 0;
    for (int i = 0; i < count; i++) length += nnx_encode_utf8(typed[i], bytes + length);
    bytes[length] = '\0';
    free(editor->line);
    editor->line = bytes;
    *line = bytes;
    return nnx_read_line;
}
