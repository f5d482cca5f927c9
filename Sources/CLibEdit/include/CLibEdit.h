#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The part of libedit that nnx uses, as plain C functions: `el_wset` and `history_w` are variadic, which Swift cannot
// call. All text that crosses this boundary is UTF-8. One editor exists at a time, and one thread uses it.

// MARK: Terminal

/// Sets LC_CTYPE from the environment, or to C.UTF-8 where the environment names no UTF-8 locale.
void nnx_use_utf8_locale(void);

/// Opens /dev/null in the place of each closed standard descriptor, so that no file opened later is taken for one.
/// A closed output stays unwritable: a write to it fails as before.
void nnx_guard_standard_descriptors(void);

/// The window's size, or false where `descriptor` is no terminal or does not know it.
bool nnx_window_size(int descriptor, int *columns, int *rows);

/// The number of terminal columns that `text` takes; control characters count as none.
size_t nnx_display_width(const char *text);

// MARK: Signals

/// Called by the SIGINT handler: may only do what is safe there, like storing to an atomic.
typedef void (*nnx_interrupt_callback)(void *context);

/// Installs the handlers of SIGINT and SIGWINCH. An ignored SIGINT (a background job) stays ignored unless `force`.
void nnx_signals_install(bool force);

/// From now on until `nnx_interrupts_end` each SIGINT calls `callback(context)`.
void nnx_interrupts_begin(nnx_interrupt_callback callback, void *context);

/// Ends what `nnx_interrupts_begin` began and returns how many SIGINTs came in between.
int nnx_interrupts_end(void);

/// Makes SIGINT number `count` since `nnx_interrupts_begin` end the process with status 130 at once; 0 = never.
void nnx_interrupts_exit_at(int count);

// MARK: Line editor

typedef struct nnx_editor nnx_editor;

typedef enum {
    /// A line was entered.
    nnx_read_line,
    /// Ctrl-D on an empty line, or the terminal went away.
    nnx_read_end,
    /// Ctrl-C.
    nnx_read_interrupted,
} nnx_read_result;

/// Opens the editor on standard input and output; NULL where memory is short or the terminal is unusable.
nnx_editor *nnx_editor_open(void);

/// Gives the terminal back as it was found.
void nnx_editor_close(nnx_editor *editor);

/// Reads a line behind `prompt`. `*line` (only for `nnx_read_line`; without the newline at its end) may hold newlines
/// that were pasted or recalled, and is valid until the next call. An escape sequence in the prompt stands between two
/// bytes 1 and is followed by at least one visible character.
nnx_read_result nnx_editor_read(nnx_editor *editor, const char *prompt, const char **line);

/// Adds the newest history entry; an entry may have several lines.
void nnx_editor_add_history(nnx_editor *editor, const char *entry);

/// Called on Tab with the text of the input and the cursor's place in bytes; answers through the two functions below.
typedef void (*nnx_completion_callback)(nnx_editor *editor, const char *text, size_t cursor, void *context);

void nnx_editor_set_completion(nnx_editor *editor, nnx_completion_callback callback, void *context);

/// Replaces the `count` bytes before the cursor by `text`. Only from within a completion callback.
void nnx_editor_replace_before_cursor(nnx_editor *editor, size_t count, const char *text);

/// Prints `text` (lines that end in a newline) below the input and draws the input again below that. Only from within
/// a completion callback.
void nnx_editor_show_below(nnx_editor *editor, const char *text);

// MARK: Plain input

typedef enum {
    nnx_wait_ready,
    nnx_wait_timeout,
    /// A SIGINT came since the call began.
    nnx_wait_interrupted,
} nnx_wait_result;

/// Waits until `descriptor` can be read without blocking, for at most `milliseconds` (-1: for ever).
nnx_wait_result nnx_wait_readable(int descriptor, int milliseconds);
