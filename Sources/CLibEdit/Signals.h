#pragma once

#include <stdbool.h>

// What the editor needs to know of the signals. Handlers only set flags and write a byte to a pipe, which ends the wait
// for a key; everything else is done by whoever finds the flag set.

/// The end of the pipe to wait on, or -1 before `nnx_signals_install`.
int nnx_signals_wake_descriptor(void);

/// Empties the pipe.
void nnx_signals_drain(void);

/// The number of SIGINTs so far.
int nnx_signals_interrupt_count(void);

/// Whether the window changed its size since the last call.
bool nnx_signals_take_resized(void);

/// Whether Ctrl-Z was typed since the last call.
bool nnx_signals_take_suspended(void);

/// Whether the process was continued since the last call.
bool nnx_signals_take_continued(void);

/// The signal that asks the process to end (SIGTERM, SIGHUP, SIGQUIT), or 0.
int nnx_signals_termination(void);

/// Catches, while a line is read, the signals that must find the terminal restored: SIGTSTP, SIGCONT and those that end
/// the process.
void nnx_signals_reading_begin(void);

/// Puts back the actions that `nnx_signals_reading_begin` found; sends the process the ending signal that came meanwhile.
void nnx_signals_reading_end(void);

/// Stops the process as Ctrl-Z does by default, and returns when it is continued.
void nnx_signals_stop_here(void);
