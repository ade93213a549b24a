// The worker pool and the error record: the part of the runtime that generated code calls, also
// shipped in exported libraries. An exported library is never unloaded (link with -z nodelete),
// because its workers live on.
#define _GNU_SOURCE
#include "gnomon_runtime.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

// MARK: - Waiting

// How long a thread waits before it sleeps. A hand-off to a spinning worker takes about 3 microseconds, to a
// sleeping one about 25, and many times that where a busy host has given the idle processor to others. From
// the first limit on, it lets other threads of this machine run.
enum { SPIN_NANOSECONDS = 50000, YIELD_NANOSECONDS = 1000000, PAUSES_PER_CLOCK_READ = 32 };

static inline void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}

static int64_t now_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// A number that one thread changes and another waits for. The waiter spins, then sleeps.
typedef struct {
  _Atomic uint32_t value;
  _Atomic uint32_t sleeping;
#if !defined(__linux__)
  pthread_mutex_t mutex;
  pthread_cond_t condition;
#endif
} signal_word;

static void signal_reset(signal_word *word) {
  atomic_store(&word->value, 0);
  atomic_store(&word->sleeping, 0);
#if !defined(__linux__)
  pthread_mutex_init(&word->mutex, NULL);
  pthread_cond_init(&word->condition, NULL);
#endif
}

static void sleep_while_equal(signal_word *word, uint32_t old) {
  // The two sides meet like this: the waiter announces its sleep and then looks at the value; the
  // other side changes the value and then looks for the announcement. Both orders are sequentially
  // consistent, so one of the two sees the other.
#if defined(__linux__)
  atomic_store(&word->sleeping, 1);
  while (atomic_load(&word->value) == old)
    syscall(SYS_futex, &word->value, FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
  atomic_store(&word->sleeping, 0);
#else
  pthread_mutex_lock(&word->mutex);
  atomic_store(&word->sleeping, 1);
  while (atomic_load(&word->value) == old) pthread_cond_wait(&word->condition, &word->mutex);
  atomic_store(&word->sleeping, 0);
  pthread_mutex_unlock(&word->mutex);
#endif
}

static void wake(signal_word *word) {
  if (!atomic_load(&word->sleeping)) return;
#if defined(__linux__)
  syscall(SYS_futex, &word->value, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
#else
  pthread_mutex_lock(&word->mutex);
  pthread_cond_signal(&word->condition);
  pthread_mutex_unlock(&word->mutex);
#endif
}

// Returns once the value differs from `old`.
static void wait_for_change(signal_word *word, uint32_t old) {
  for (int i = 0; i < PAUSES_PER_CLOCK_READ; ++i) {
    if (atomic_load_explicit(&word->value, memory_order_acquire) != old) return;
    pause_briefly();
  }
  int64_t start = now_nanoseconds(), waited = 0;
  do {
    for (int i = 0; i < PAUSES_PER_CLOCK_READ; ++i) {
      if (atomic_load_explicit(&word->value, memory_order_acquire) != old) return;
      pause_briefly();
    }
    if (waited > SPIN_NANOSECONDS) sched_yield();
    waited = now_nanoseconds() - start;
  } while (waited < YIELD_NANOSECONDS);
  sleep_while_equal(word, old);
}

// MARK: - Floating-point modes

// Rounding and denormal handling belong to a thread. A worker takes over the caller's, so that a
// loop's bits do not depend on who runs which range.
typedef uint64_t float_modes;

static inline float_modes get_float_modes(void) {
#if defined(__x86_64__)
  return __builtin_ia32_stmxcsr() & ~0x3Fu;  // without the sticky exception flags
#elif defined(__aarch64__)
  uint64_t modes;
  __asm__ volatile("mrs %0, fpcr" : "=r"(modes));
  return modes;
#else
  return 0;
#endif
}

static inline void set_float_modes(float_modes modes) {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr((unsigned)modes);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" ::"r"(modes));
#else
  (void)modes;
#endif
}

// MARK: - The pool

enum { MAX_WORKERS = 255, LINE = 128 };

typedef struct {
  _Alignas(LINE) signal_word jobs;  // counts the jobs handed to this worker
  // Twice the number of the last job, and one more once it is claimed: by the worker, who then runs it,
  // or by the caller, who then has no use for the worker any more.
  _Atomic uint64_t claim;
  int32_t index;
} worker;

static struct {
  // 1 while a user thread's loop holds the pool. Whoever fails to take it runs its loop alone.
  _Alignas(LINE) _Atomic int busy;
  _Atomic int started;
  int reset_after_fork_registered;

  // The job at hand; written by the holder before it signals the workers.
  _Alignas(LINE) const gn_context *context;
  gn_task task;
  void *const *buffers;
  const int64_t *sizes;
  int64_t count;
  int32_t ranges;
  int32_t pieces;
  float_modes modes;

  // The ranges that workers have yet to finish, and a signal that changes when none is left.
  _Alignas(LINE) _Atomic int32_t pending;
  _Alignas(LINE) signal_word finished;

  worker workers[MAX_WORKERS];
} pool;

// The pieces of each range that nobody has taken yet: first in the low half, end in the high one.
typedef struct {
  _Alignas(LINE) _Atomic uint64_t left;
} share;
static share shares[MAX_WORKERS + 1];

// Whether this thread is inside a parallel loop (a worker always is).
static _Thread_local int inside_loop;

// Equal to count*part/parts, without overflow.
static inline int64_t boundary(int64_t count, int32_t parts, int32_t part) {
  return count / parts * part + count % parts * part / parts;
}

static inline void run_range(
    const gn_context *context, gn_task task, void *const *buffers, const int64_t *sizes,
    int64_t count, int32_t ranges, int32_t range, int32_t runner) {
  int64_t begin = boundary(count, ranges, range), end = boundary(count, ranges, range + 1);
  if (context->counters) context->counters[runner] += 1;
  task(context, buffers, sizes, begin, end, range);
}

// Takes half of what is left of a range: its owner from the front, others from the back. So a range
// that its owner runs alone is a few calls, and one whose owner is held up ends in small pieces.
static int take(share *share, int is_own, int32_t *first, int32_t *last) {
  uint64_t left = atomic_load_explicit(&share->left, memory_order_relaxed);
  for (;;) {
    uint32_t begin = (uint32_t)left, end = (uint32_t)(left >> 32);
    if (begin >= end) return 0;
    uint32_t taken = (end - begin + 1) / 2;
    *first = (int32_t)(is_own ? begin : end - taken);
    *last = (int32_t)(is_own ? begin + taken : end);
    if (is_own) begin += taken; else end -= taken;
    if (atomic_compare_exchange_weak(&share->left, &left, (uint64_t)end << 32 | begin)) return 1;
  }
}

// Runs a worker's own range, then what is left of the others'.
static void run_pieces(int32_t worker) {
  const gn_context *context = pool.context;
  int32_t ranges = pool.ranges;
  for (int32_t i = 0; i < ranges; ++i) {
    int32_t range = (worker + i) % ranges, first, last;
    int64_t begin = boundary(pool.count, ranges, range);
    int64_t length = boundary(pool.count, ranges, range + 1) - begin;
    while (take(&shares[range], i == 0, &first, &last)) {
      int64_t from = begin + boundary(length, pool.pieces, first);
      int64_t to = begin + boundary(length, pool.pieces, last);
      if (from == to) continue;
      if (context->counters) context->counters[worker] += 1;
      pool.task(context, pool.buffers, pool.sizes, from, to, worker);
    }
  }
}

static int claim(worker *worker, uint32_t job) {
  uint64_t open = (uint64_t)job << 1;
  return atomic_compare_exchange_strong(&worker->claim, &open, open | 1);
}

static void *worker_main(void *argument) {
  worker *self = argument;
  inside_loop = 1;
  float_modes modes = get_float_modes();
  for (uint32_t seen = 0;;) {
    wait_for_change(&self->jobs, seen);
    seen = atomic_load(&self->jobs.value);
    // A worker who comes too late may not look at the job: the next one is being written.
    if (!claim(self, seen)) continue;
    if (pool.modes != modes) set_float_modes(modes = pool.modes);
    if (pool.pieces > 1)
      run_pieces(self->index);
    else
      run_range(
          pool.context, pool.task, pool.buffers, pool.sizes, pool.count, pool.ranges, self->index,
          self->index);
    if (atomic_fetch_sub(&pool.pending, 1) == 1) {
      atomic_fetch_add(&pool.finished.value, 1);
      wake(&pool.finished);
    }
  }
  return NULL;
}

// The threads of the parent do not exist in the child: it begins with an empty pool. (A child
// forked from within a task cannot finish that loop; it may only `exec` or exit.)
static void reset_after_fork(void) {
  atomic_store(&pool.started, 0);
  atomic_store(&pool.pending, 0);
  signal_reset(&pool.finished);
  atomic_store(&pool.busy, 0);
}

// Starts workers until there are `wanted`; returns how many there are. The caller holds the pool.
static int start_workers(int wanted) {
  int started = atomic_load_explicit(&pool.started, memory_order_relaxed);
  if (started >= wanted) return started;
  if (!pool.reset_after_fork_registered) {
    if (pthread_atfork(NULL, NULL, reset_after_fork) != 0) return 0;
    pool.reset_after_fork_registered = 1;
    signal_reset(&pool.finished);
  }
  // Signals go to the program's own threads.
  sigset_t all, previous;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &previous);
  for (; started < wanted; ++started) {
    worker *next = &pool.workers[started];
    signal_reset(&next->jobs);
    atomic_store(&next->claim, 1);
    next->index = started + 1;
    pthread_t thread;
    if (pthread_create(&thread, NULL, worker_main, next) != 0) break;
    pthread_detach(thread);
    atomic_store(&pool.started, started + 1);
  }
  pthread_sigmask(SIG_SETMASK, &previous, NULL);
  return started;
}

int gn_pool_workers(void) { return atomic_load(&pool.started); }

void gn_parallel(
    const gn_context *context, gn_task task, void *const *buffers, const int64_t *sizes,
    int64_t count, int32_t pieces) {
  if (count <= 0) return;
  int32_t ranges = context->threads < count ? context->threads : (int32_t)count;
  if (ranges <= 1) {
    run_range(context, task, buffers, sizes, count, 1, 0, 0);
    return;
  }

  int available = 0, idle = 0;
  if (!inside_loop && atomic_compare_exchange_strong(&pool.busy, &idle, 1)) {
    int wanted = ranges - 1 < MAX_WORKERS ? ranges - 1 : MAX_WORKERS;
    available = start_workers(wanted);
    if (available > wanted) available = wanted;
    if (available == 0) atomic_store(&pool.busy, 0);
  }
  int was_inside = inside_loop;
  inside_loop = 1;

  uint32_t finished = 0;
  if (available > 0) {
    pool.context = context;
    pool.task = task;
    pool.buffers = buffers;
    pool.sizes = sizes;
    pool.count = count;
    pool.ranges = ranges;
    pool.pieces = ranges <= MAX_WORKERS + 1 ? pieces : 1;
    if (pool.pieces > 1)
      for (int32_t range = 0; range < ranges; ++range)
        atomic_store_explicit(
            &shares[range].left, (uint64_t)(uint32_t)pool.pieces << 32, memory_order_relaxed);
    pool.modes = get_float_modes();
    finished = atomic_load(&pool.finished.value);
    atomic_store(&pool.pending, available);
    for (int i = 0; i < available; ++i) {
      worker *next = &pool.workers[i];
      uint32_t job = atomic_load(&next->jobs.value) + 1;
      atomic_store(&next->claim, (uint64_t)job << 1);
      atomic_store(&next->jobs.value, job);
      wake(&next->jobs);
    }
  }
  if (available > 0 && pool.pieces > 1) {
    run_pieces(0);
  } else {
    run_range(context, task, buffers, sizes, count, ranges, 0, 0);
    for (int32_t range = available + 1; range < ranges; ++range)
      run_range(context, task, buffers, sizes, count, ranges, range, 0);
  }
  if (available > 0) {
    // Nothing is left to take: whoever has not begun by now need not come.
    int32_t late = 0;
    if (pool.pieces > 1)
      for (int i = 0; i < available; ++i)
        late += claim(&pool.workers[i], atomic_load(&pool.workers[i].jobs.value));
    if (late == 0 || atomic_fetch_sub(&pool.pending, late) != late)
      wait_for_change(&pool.finished, finished);
    atomic_store(&pool.busy, 0);
  }
  inside_loop = was_inside;
}

// MARK: - Errors

void gn_fail(
    gn_error *error, int32_t kind, int32_t location, int64_t value0, int64_t value1,
    int64_t value2, int64_t value3) {
  int32_t none = 0;
  if (!__atomic_compare_exchange_n(
          &error->kind, &none, GN_ERROR_CLAIMED, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    return;
  error->location = location;
  error->values[0] = value0;
  error->values[1] = value1;
  error->values[2] = value2;
  error->values[3] = value3;
  __atomic_store_n(&error->kind, kind, __ATOMIC_RELEASE);
}
