#pragma once

#include <stdbool.h>
#include <sys/types.h>

/// Starts a program as the leader of a session on a new terminal; what its parent ignores or blocks of the signals is
/// not passed on. `arguments` and `environment` end in NULL.
///
/// Returns the process, with the terminal's other side in `*master`, or -1 with errno.
pid_t pseudo_terminal_spawn(
    char *const arguments[], char *const environment[], const char *folder, int columns, int rows, int *master);

/// Changes the window's size, which sends SIGWINCH to the program.
bool pseudo_terminal_resize(int master, int columns, int rows);
