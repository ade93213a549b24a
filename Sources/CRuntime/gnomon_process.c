// Starting a child process. In C because the types of posix_spawn's arguments differ between
// platforms as Swift sees them, and because Swift's Glibc lacks pipe2.
#define _GNU_SOURCE
#include "gnomon_runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <crt_externs.h>
char **gn_environment(void) { return *_NSGetEnviron(); }
#else
extern char **environ;
char **gn_environment(void) { return environ; }
#endif

// Both ends close on exec, so that children started by other threads do not hold the pipe open:
// the reader takes its end to mean that the process has finished.
static int closing_pipe(int ends[2]) {
#if defined(__linux__)
  return pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
#else
  if (pipe(ends) != 0) return errno;
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  return 0;
#endif
}

int gn_spawn(
    const char *path, char *const *arguments, char *const *environment, int *process,
    int *output) {
  int ends[2];
  int error = closing_pipe(ends);
  if (error != 0) return error;

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 2);

  // The child starts with no signal blocked or ignored, whatever this thread does.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
#if defined(__APPLE__)
  flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
  posix_spawnattr_setflags(&attributes, flags);

  pid_t child = 0;
  error = posix_spawn(
      &child, path, &actions, &attributes, arguments,
      environment ? environment : gn_environment());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return error;
  }
  *process = (int)child;
  *output = ends[0];
  return 0;
}
