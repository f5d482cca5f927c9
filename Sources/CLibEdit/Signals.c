#include "Signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "CLibEdit.h"

static int wake_pipe[2] = {-1, -1};

// Lock-free atomics, as a handler may run on any thread.
static atomic_int interrupts;
static atomic_int interrupts_before;
static atomic_int exit_at;
static atomic_bool resized, suspended, continued;
static atomic_int termination;
static _Atomic(nnx_interrupt_callback) interrupt_callback;
static _Atomic(void *) interrupt_context;

static void handle(int signal_number) {
    int saved_errno = errno;
    switch (signal_number) {
    case SIGINT: {
        int count = atomic_fetch_add(&interrupts, 1) + 1 - atomic_load(&interrupts_before);
        nnx_interrupt_callback callback = atomic_load(&interrupt_callback);
        if (callback) {
            int limit = atomic_load(&exit_at);
            if (limit && count >= limit) _exit(130);
            callback(atomic_load(&interrupt_context));
        }
        break;
    }
    case SIGWINCH: atomic_store(&resized, true); break;
    case SIGTSTP: atomic_store(&suspended, true); break;
    case SIGCONT: atomic_store(&continued, true); break;
    default: atomic_store(&termination, signal_number); break;
    }
    if (wake_pipe[1] >= 0) {
        // A full pipe wakes the reader as well as one more byte does.
        ssize_t written = write(wake_pipe[1], "", 1);
        (void)written;
    }
    errno = saved_errno;
}

static void install(int signal_number, struct sigaction *previous) {
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    sigaction(signal_number, &action, previous);
}

void nnx_signals_install(bool force) {
    if (wake_pipe[0] >= 0 || pipe(wake_pipe) != 0) return;
    for (int end = 0; end < 2; end++) {
        fcntl(wake_pipe[end], F_SETFL, O_NONBLOCK);
        fcntl(wake_pipe[end], F_SETFD, FD_CLOEXEC);
    }
    struct sigaction found;
    if (force || (sigaction(SIGINT, NULL, &found) == 0 && found.sa_handler != SIG_IGN)) install(SIGINT, NULL);
    install(SIGWINCH, NULL);
}

void nnx_interrupts_begin(nnx_interrupt_callback callback, void *context) {
    atomic_store(&interrupts_before, atomic_load(&interrupts));
    atomic_store(&interrupt_context, context);
    atomic_store(&interrupt_callback, callback);
}

int nnx_interrupts_end(void) {
    atomic_store(&interrupt_callback, NULL);
    return atomic_load(&interrupts) - atomic_load(&interrupts_before);
}

void nnx_interrupts_exit_at(int count) { atomic_store(&exit_at, count); }

int nnx_signals_wake_descriptor(void) { return wake_pipe[0]; }

void nnx_signals_drain(void) {
    char bytes[64];
    while (wake_pipe[0] >= 0 && read(wake_pipe[0], bytes, sizeof bytes) > 0) {
    }
}

int nnx_signals_interrupt_count(void) { return atomic_load(&interrupts); }

bool nnx_signals_take_resized(void) { return atomic_exchange(&resized, false); }

bool nnx_signals_take_suspended(void) { return atomic_exchange(&suspended, false); }

bool nnx_signals_take_continued(void) { return atomic_exchange(&continued, false); }

int nnx_signals_termination(void) { return atomic_load(&termination); }

static const int reading_signals[] = {SIGTSTP, SIGCONT, SIGTERM, SIGHUP, SIGQUIT};
enum { reading_count = sizeof reading_signals / sizeof reading_signals[0] };
static struct sigaction found_actions[reading_count];

void nnx_signals_reading_begin(void) {
    for (int i = 0; i < reading_count; i++) {
        sigaction(reading_signals[i], NULL, &found_actions[i]);
        // What the parent chose to ignore (nohup) stays ignored.
        if (found_actions[i].sa_handler != SIG_IGN) install(reading_signals[i], NULL);
    }
}

void nnx_signals_reading_end(void) {
    for (int i = 0; i < reading_count; i++) sigaction(reading_signals[i], &found_actions[i], NULL);
    int ending = atomic_exchange(&termination, 0);
    if (ending) kill(getpid(), ending);
}

void nnx_signals_stop_here(void) {
    struct sigaction stop = {.sa_handler = SIG_DFL}, caught;
    sigaction(SIGTSTP, &stop, &caught);
    kill(getpid(), SIGTSTP);
    sigaction(SIGTSTP, &caught, NULL);
}

nnx_wait_result nnx_wait_readable(int descriptor, int milliseconds) {
    int before = atomic_load(&interrupts);
    nnx_signals_drain();
    for (;;) {
        struct pollfd sources[2] = {{.fd = descriptor, .events = POLLIN}, {.fd = wake_pipe[0], .events = POLLIN}};
        int ready = poll(sources, 2, milliseconds);
        if (atomic_load(&interrupts) != before) return nnx_wait_interrupted;
        if (ready == 0) return nnx_wait_timeout;
        if (ready < 0 && errno == EINTR) continue;
        // An error of the descriptor is found by the read that follows.
        if (ready < 0 || sources[0].revents) return nnx_wait_ready;
        nnx_signals_drain();
    }
}
