#include "allocation_counter.h"

#if defined(__GLIBC__) || (defined(__linux__) && __has_include(<gnu/libc-version.h>))
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

// glibc keeps its own functions under these names for those who replace the public ones
// (The GNU C Library Reference Manual, 3.2.5, "Replacing malloc").
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static _Atomic int64_t count, bytes;

static void note(size_t size) {
  atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&bytes, (int64_t)size, memory_order_relaxed);
}

void *malloc(size_t size) {
  note(size);
  return __libc_malloc(size);
}

void *calloc(size_t n, size_t size) {
  note(n * size);
  return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size) {
  note(size);
  return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
  note(size);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
  void *memory = memalign(alignment, size);
  if (!memory) return ENOMEM;
  *result = memory;
  return 0;
}

int64_t allocation_count(void) { return atomic_load(&count); }
int64_t allocation_bytes(void) { return atomic_load(&bytes); }
#else
int64_t allocation_count(void) { return -1; }
int64_t allocation_bytes(void) { return -1; }
#endif
