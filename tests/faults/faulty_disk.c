// SPDX-License-Identifier: Apache-2.0
// A disk that fails on demand, for LD_PRELOAD. It counts the calls that change files whose path contains FAULT_PATH;
// from call number FAULT_FROM (1: the first) on each fails with FAULT_ERRNO (a number). With FAULT_COUNT only so many
// fail, and then the disk is mended. FAULT_LOG: a file that gets a letter for each counted call, so that a test learns
// how many there are. FAULT_CALLS: letters of the calls that count (default: all of them):
//   o open to create   w write   t truncate   s fsync   r rename   l link   k flock
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define NEXT(name) (__extension__(__typeof__(&name)) dlsym(RTLD_NEXT, #name))

static long number(const char* variable, long otherwise) {
  const char* text = getenv(variable);
  return text ? atol(text) : otherwise;
}

// Whether this call, which is of the kind `letter`, fails; errno is set then.
static int fails(char letter, const char* path) {
  static long calls = 0;
  const char* wanted = getenv("FAULT_PATH");
  if (wanted == NULL || path == NULL || strstr(path, wanted) == NULL) return 0;
  const char* letters = getenv("FAULT_CALLS");
  if (letters != NULL && strchr(letters, letter) == NULL) return 0;
  const long call = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
  const char* log = getenv("FAULT_LOG");
  if (log != NULL) {
    const int file = NEXT(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file >= 0) {
      (void)!NEXT(write)(file, &letter, 1);
      close(file);
    }
  }
  const long from = number("FAULT_FROM", LONG_MAX), count = number("FAULT_COUNT", LONG_MAX);
  if (call < from || call - from >= count) return 0;
  errno = (int)number("FAULT_ERRNO", ENOSPC);
  return 1;
}

static int fails_on(char letter, int file) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = '\0';
  return fails(letter, path);
}

static mode_t mode_of(int flags, va_list arguments) {
  return (flags & O_CREAT) ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(name)                                                         \
  int name(const char* path, int flags, ...) {                             \
    va_list arguments;                                                     \
    va_start(arguments, flags);                                            \
    const mode_t mode = mode_of(flags, arguments);                         \
    va_end(arguments);                                                     \
    return (flags & O_CREAT) && fails('o', path) ? -1 : NEXT(name)(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

ssize_t write(int file, const void* bytes, size_t count) {
  return fails_on('w', file) ? -1 : NEXT(write)(file, bytes, count);
}
ssize_t pwrite(int file, const void* bytes, size_t count, off_t at) {
  return fails_on('w', file) ? -1 : NEXT(pwrite)(file, bytes, count, at);
}
ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t at) {
  return fails_on('w', file) ? -1 : NEXT(pwrite64)(file, bytes, count, at);
}
int ftruncate(int file, off_t length) { return fails_on('t', file) ? -1 : NEXT(ftruncate)(file, length); }
int ftruncate64(int file, off64_t length) { return fails_on('t', file) ? -1 : NEXT(ftruncate64)(file, length); }
int fsync(int file) { return fails_on('s', file) ? -1 : NEXT(fsync)(file); }
int rename(const char* from, const char* to) { return fails('r', from) ? -1 : NEXT(rename)(from, to); }
int link(const char* from, const char* to) { return fails('l', from) ? -1 : NEXT(link)(from, to); }
int flock(int file, int operation) { return fails_on('k', file) ? -1 : NEXT(flock)(file, operation); }
