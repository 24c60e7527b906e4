// SPDX-License-Identifier: Apache-2.0
// Calls that fail on some ranks alone, for LD_PRELOAD. FAULTS_OF_0, FAULTS_OF_1 …: letters of the calls that fail on that
// rank (by OMPI_COMM_WORLD_RANK); FAULT_ERRNO (a number; default EACCES) is what they fail with.
//   m memfd_create   f posix_fallocate   p opening what lies below /proc/…/fd   o opening FAULT_PATH to read it
//   a malloc, c aligned_alloc of FAULT_BYTES and more, once FAULT_PATH was opened: FAULT_COUNT of them (default: all)
//   d MPI_Comm_dup
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEXT(name) (__extension__(__typeof__(&name)) dlsym(RTLD_NEXT, #name))

static int is_armed = 0;

static long number(const char* variable, long otherwise) {
  const char* text = getenv(variable);
  return text ? atol(text) : otherwise;
}

// Whether calls of this kind fail here; errno is set then.
static int fails(char letter) {
  const char* rank = getenv("OMPI_COMM_WORLD_RANK");
  char variable[32];
  snprintf(variable, sizeof variable, "FAULTS_OF_%s", rank ? rank : "none");
  const char* letters = getenv(variable);
  if (letters == NULL || strchr(letters, letter) == NULL) return 0;
  errno = (int)number("FAULT_ERRNO", EACCES);
  return 1;
}

static int opening_fails(const char* path) {
  const char* wanted = getenv("FAULT_PATH");
  if (wanted != NULL && strstr(path, wanted) != NULL) {
    is_armed = 1;
    return fails('o');
  }
  return strncmp(path, "/proc/", 6) == 0 && strstr(path, "/fd/") != NULL && fails('p');
}

#define OPEN(name)                                              \
  int name(const char* path, int flags, ...) {                  \
    va_list arguments;                                          \
    va_start(arguments, flags);                                 \
    const mode_t mode = (flags & O_CREAT) ? va_arg(arguments, mode_t) : 0; \
    va_end(arguments);                                          \
    return opening_fails(path) ? -1 : NEXT(name)(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define FOPEN(name) \
  FILE* name(const char* path, const char* mode) { return opening_fails(path) ? NULL : NEXT(name)(path, mode); }
FOPEN(fopen)
FOPEN(fopen64)

int memfd_create(const char* name, unsigned flags) { return fails('m') ? -1 : NEXT(memfd_create)(name, flags); }

#define FALLOCATE(name, offset)                                  \
  int name(int file, offset from, offset count) {                \
    const int before = errno;                                    \
    if (!fails('f')) return NEXT(name)(file, from, count);       \
    const int problem = errno;                                   \
    errno = before;                                              \
    return problem;                                              \
  }
FALLOCATE(posix_fallocate, off_t)
FALLOCATE(posix_fallocate64, off64_t)

static int allocation_fails(char letter, size_t bytes) {
  static long failed = 0;
  if (!is_armed || bytes < (size_t)number("FAULT_BYTES", LONG_MAX) || !fails(letter)) return 0;
  errno = ENOMEM;
  return __atomic_add_fetch(&failed, 1, __ATOMIC_RELAXED) <= number("FAULT_COUNT", LONG_MAX);
}

void* malloc(size_t bytes) {
  static void* (*next)(size_t) = NULL;
  if (next == NULL) next = (__extension__(void* (*)(size_t)) dlsym(RTLD_NEXT, "malloc"));
  return allocation_fails('a', bytes) ? NULL : next(bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) {
  return allocation_fails('c', bytes) ? NULL : NEXT(aligned_alloc)(alignment, bytes);
}

int MPI_Comm_dup(void* comm, void** copy) {
  enum { some_error = 16 };  // MPI_ERR_OTHER of Open MPI
  if (fails('d')) return some_error;
  int (*next)(void*, void**) = (__extension__(int (*)(void*, void**)) dlsym(RTLD_NEXT, "MPI_Comm_dup"));
  return next(comm, copy);
}
