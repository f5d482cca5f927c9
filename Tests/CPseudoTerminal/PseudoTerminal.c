#include "CPseudoTerminal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool pseudo_terminal_resize(int master, int columns, int rows) {
    struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
    return ioctl(master, TIOCSWINSZ, &size) == 0;
}

/// What the child does: only calls that are safe between fork and exec in a program with threads.
static void become(char *const arguments[], char *const environment[], const char *folder, int slave) {
    setsid();
    ioctl(slave, TIOCSCTTY, 0);
    for (int descriptor = 0; descriptor < 3; descriptor++) dup2(slave, descriptor);
    if (slave > 2) close(slave);
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int signal_number = 1; signal_number < 32; signal_number++) sigaction(signal_number, &action, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (chdir(folder) == 0) execve(arguments[0], arguments, environment);
    _exit(127);
}

pid_t pseudo_terminal_spawn(
    char *const arguments[], char *const environment[], const char *folder, int columns, int rows, int *master) {
    *master = posix_openpt(O_RDWR | O_NOCTTY);
    if (*master < 0) return -1;
    fcntl(*master, F_SETFD, FD_CLOEXEC);
    const char *name = grantpt(*master) == 0 && unlockpt(*master) == 0 ? ptsname(*master) : NULL;
    int slave = name ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
    pid_t process = -1;
    if (slave >= 0 && pseudo_terminal_resize(*master, columns, rows)) {
        process = fork();
        if (process == 0) become(arguments, environment, folder, slave);
    }
    if (slave >= 0) close(slave);
    if (process < 0) close(*master);
    return process;
}
