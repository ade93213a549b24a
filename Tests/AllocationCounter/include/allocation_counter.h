// Counts what a process asks of the heap. Linking this replaces the C library's allocator by one that
// counts and then calls it, for every library in the process.
#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/// The number of allocations so far, or -1 where the allocator cannot be replaced.
int64_t allocation_count(void);

/// The bytes asked for so far.
int64_t allocation_bytes(void);

#endif
