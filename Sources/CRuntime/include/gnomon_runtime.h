// The interface between Gnomon, the code it generates, and the small runtime both rest on.
//
// The first half is the ABI of generated code and travels with exported libraries
// (gnomon_runtime.c implements it). The second half serves the compiler in its own process
// (gnomon_host.c): frame walks for diagnostics, a thread-local slot, facts about the machine.
#ifndef GNOMON_RUNTIME_H
#define GNOMON_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#define GN_NONNULL _Nonnull
#define GN_NULLABLE _Nullable
#else
#define GN_NONNULL
#define GN_NULLABLE
#endif

// MARK: - The ABI of generated code

#define GN_CONTEXT_VERSION 3

/// What went wrong inside generated code. Kind 0 means nothing did; the first error wins, later
/// ones are dropped. While a thread fills the record in, its kind is GN_ERROR_CLAIMED.
typedef struct gn_error {
  int32_t kind;
  int32_t location;
  int64_t values[4];
} gn_error;

#define GN_ERROR_CLAIMED (-1)

typedef struct gn_context gn_context;

/// The body of a parallel loop: runs the iterations `begin..<end`. `worker` is at least 0 and less
/// than `context->threads`; no two calls at the same time have the same, and scratch memory is chosen
/// by it.
typedef void (*gn_task)(
    const gn_context *GN_NONNULL context, void *GN_NULLABLE const *GN_NULLABLE buffers,
    const int64_t *GN_NULLABLE sizes, int64_t begin, int64_t end, int32_t worker);

/// A parallel loop over `0..<count`; `gn_parallel` is the one to use.
typedef void (*gn_parallel_function)(
    const gn_context *GN_NONNULL context, gn_task GN_NONNULL task,
    void *GN_NULLABLE const *GN_NULLABLE buffers, const int64_t *GN_NULLABLE sizes,
    int64_t count, int32_t pieces);

/// Routines of LAPACK with the Fortran interface and 32-bit integers, in single and double
/// precision; NULL where the library lacks one. `trsm` is CBLAS's.
typedef struct gn_lapack {
#define GN_LAPACK_ROUTINES(P, REAL)                                                        \
  void (*GN_NULLABLE P##trsm)(                                                             \
      int order, int side, int triangle, int transposed, int diagonal, int m, int n, REAL alpha,\
      const REAL *GN_NULLABLE a, int lda, REAL *GN_NULLABLE b, int ldb);                   \
  void (*GN_NULLABLE P##potrf)(                                                            \
      const char *GN_NONNULL triangle, const int *GN_NONNULL n, REAL *GN_NULLABLE a,       \
      const int *GN_NONNULL lda, int *GN_NONNULL info, size_t);                            \
  void (*GN_NULLABLE P##getrf)(                                                            \
      const int *GN_NONNULL m, const int *GN_NONNULL n, REAL *GN_NULLABLE a,               \
      const int *GN_NONNULL lda, int *GN_NULLABLE pivots, int *GN_NONNULL info);           \
  void (*GN_NULLABLE P##geqrf)(                                                            \
      const int *GN_NONNULL m, const int *GN_NONNULL n, REAL *GN_NULLABLE a,               \
      const int *GN_NONNULL lda, REAL *GN_NULLABLE tau, REAL *GN_NULLABLE work,            \
      const int *GN_NONNULL room, int *GN_NONNULL info);                                   \
  void (*GN_NULLABLE P##orgqr)(                                                            \
      const int *GN_NONNULL m, const int *GN_NONNULL n, const int *GN_NONNULL k,           \
      REAL *GN_NULLABLE a, const int *GN_NONNULL lda, const REAL *GN_NULLABLE tau,         \
      REAL *GN_NULLABLE work, const int *GN_NONNULL room, int *GN_NONNULL info);           \
  void (*GN_NULLABLE P##syevd)(                                                            \
      const char *GN_NONNULL job, const char *GN_NONNULL triangle, const int *GN_NONNULL n,\
      REAL *GN_NULLABLE a, const int *GN_NONNULL lda, REAL *GN_NULLABLE w,                 \
      REAL *GN_NULLABLE work, const int *GN_NONNULL room, int *GN_NULLABLE whole,          \
      const int *GN_NONNULL wholeRoom, int *GN_NONNULL info, size_t, size_t);              \
  void (*GN_NULLABLE P##gesdd)(                                                            \
      const char *GN_NONNULL job, const int *GN_NONNULL m, const int *GN_NONNULL n,        \
      REAL *GN_NULLABLE a, const int *GN_NONNULL lda, REAL *GN_NULLABLE s,                 \
      REAL *GN_NULLABLE u, const int *GN_NONNULL ldu, REAL *GN_NULLABLE vt,                \
      const int *GN_NONNULL ldvt, REAL *GN_NULLABLE work, const int *GN_NONNULL room,      \
      int *GN_NULLABLE whole, int *GN_NONNULL info, size_t);                               \
  void (*GN_NULLABLE P##geev)(                                                             \
      const char *GN_NONNULL left, const char *GN_NONNULL right, const int *GN_NONNULL n,  \
      REAL *GN_NULLABLE a, const int *GN_NONNULL lda, REAL *GN_NULLABLE wr,                \
      REAL *GN_NULLABLE wi, REAL *GN_NULLABLE vl, const int *GN_NONNULL ldvl,              \
      REAL *GN_NULLABLE vr, const int *GN_NONNULL ldvr, REAL *GN_NULLABLE work,            \
      const int *GN_NONNULL room, int *GN_NONNULL info, size_t, size_t);                   \
  void (*GN_NULLABLE P##gees)(                                                             \
      const char *GN_NONNULL job, const char *GN_NONNULL sort,                             \
      int (*GN_NULLABLE select)(const REAL *GN_NONNULL, const REAL *GN_NONNULL),           \
      const int *GN_NONNULL n, REAL *GN_NULLABLE a, const int *GN_NONNULL lda,             \
      int *GN_NONNULL selected, REAL *GN_NULLABLE wr, REAL *GN_NULLABLE wi,                \
      REAL *GN_NULLABLE vs, const int *GN_NONNULL ldvs, REAL *GN_NULLABLE work,            \
      const int *GN_NONNULL room, int *GN_NULLABLE flags, int *GN_NONNULL info, size_t,    \
      size_t);                                                                             \
  void (*GN_NULLABLE P##trsyl)(                                                            \
      const char *GN_NONNULL a_form, const char *GN_NONNULL b_form,                        \
      const int *GN_NONNULL sign, const int *GN_NONNULL m, const int *GN_NONNULL n,        \
      const REAL *GN_NULLABLE a, const int *GN_NONNULL lda, const REAL *GN_NULLABLE b,     \
      const int *GN_NONNULL ldb, REAL *GN_NULLABLE c, const int *GN_NONNULL ldc,           \
      REAL *GN_NONNULL scale, int *GN_NONNULL info, size_t, size_t);
  GN_LAPACK_ROUTINES(s, float)
  GN_LAPACK_ROUTINES(d, double)
} gn_lapack;

/// The routines of a BLAS library with the CBLAS interface and 32-bit integers.
/// Order: 101 row-major; transposition: 111 none, 112 transposed.
typedef struct gn_blas {
  void (*GN_NULLABLE sgemm)(
      int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
      const float *GN_NULLABLE a, int lda, const float *GN_NULLABLE b, int ldb, float beta,
      float *GN_NULLABLE c, int ldc);
  void (*GN_NULLABLE dgemm)(
      int order, int transpose_a, int transpose_b, int m, int n, int k, double alpha,
      const double *GN_NULLABLE a, int lda, const double *GN_NULLABLE b, int ldb, double beta,
      double *GN_NULLABLE c, int ldc);
  /// NULL without LAPACK. Generated code does not read it.
  const gn_lapack *GN_NULLABLE lapack;
} gn_blas;

/// What `gn_routine` computes of each matrix; gnomon_dense.c says of each what `options`, `sizes`
/// and `buffers` are. The numbers are those of `Routine.Kind` in the compiler.
enum {
  GN_CHOLESKY = 1,
  GN_TRIANGULAR_SOLVE = 2,
  GN_LU = 3,
  GN_LINEAR_SOLVE = 4,
  GN_QR = 5,
  GN_EIGH = 6,
  GN_SVD = 7,
  GN_TRIDIAGONAL_SOLVE = 8,
  GN_EIG = 9,
  GN_SYLVESTER = 10,
  GN_FOURIER = 11,
};

/// Runs a routine on the matrices `begin..<end` of a batch.
///
/// - bytes: 4 for single precision, 8 for double.
/// - count: the number of buffers, at most 8; strides: for each the bytes from one matrix to the next.
/// - work: memory for one matrix.
typedef void (*gn_routine_function)(
    const gn_blas *GN_NULLABLE blas, int32_t kind, int32_t options, int32_t bytes,
    const int64_t *GN_NONNULL sizes, int32_t count, void *GN_NULLABLE const *GN_NONNULL buffers,
    const int64_t *GN_NONNULL strides, int64_t begin, int64_t end, void *GN_NULLABLE work);

void gn_routine(
    const gn_blas *GN_NULLABLE blas, int32_t kind, int32_t options, int32_t bytes,
    const int64_t *GN_NONNULL sizes, int32_t count, void *GN_NULLABLE const *GN_NONNULL buffers,
    const int64_t *GN_NONNULL strides, int64_t begin, int64_t end, void *GN_NULLABLE work);

/// Everything a generated function may use besides its arguments.
struct gn_context {
  /// GN_CONTEXT_VERSION.
  uint32_t version;
  /// How many workers a parallel loop may use, at least 1.
  int32_t threads;
  gn_parallel_function GN_NONNULL parallel;
  /// A 64-byte aligned workspace of the size that the plan says.
  char *GN_NULLABLE arena;
  gn_error *GN_NONNULL error;
  /// NULL without a BLAS library.
  const gn_blas *GN_NULLABLE blas;
  /// NULL, or `threads` counters: how many calls of loop bodies each worker has made. A range
  /// that the caller runs in place of a worker counts as the caller's, worker 0.
  uint64_t *GN_NULLABLE counters;
  /// `gn_routine`; NULL where no kernel has a use for it.
  gn_routine_function GN_NULLABLE routine;
  /// Shows the value of the program's print with this number; NULL where nobody looks. It gets the
  /// sizes of the call, in the order of the entry's.
  void (*GN_NULLABLE print)(
      const gn_context *GN_NONNULL context, int32_t number, const void *GN_NULLABLE data,
      const int64_t *GN_NULLABLE sizes);
  /// For whoever called: generated code does not touch it.
  void *GN_NULLABLE host;
};

/// A generated function. Returns 0, or the kind of the error in `context->error`.
typedef int32_t (*gn_entry)(
    const gn_context *GN_NONNULL context, void *GN_NULLABLE const *GN_NULLABLE buffers,
    const int64_t *GN_NULLABLE sizes);

/// Runs `task` on `0..<count`, split into `n = min(threads, count)` contiguous ranges, range t
/// being `[count*t/n, count*(t+1)/n)`. The caller is worker 0; returns when all have finished.
///
/// With `pieces` 1 worker t runs range t, in one call. With more, a range is cut into so many pieces
///, of which its worker takes half of those left at a time, from the front; who has
/// finished takes pieces of the others' ranges from the back, so that a core which runs slower, or a
/// worker that wakes up late, does not keep the others waiting. The same worker begins with the same
/// range each time, as its caches hold what that range reads. Bodies must not depend on who runs what.
///
/// When the pool is busy with another user thread's loop, or the loop is nested in another, the
/// caller runs every range itself, in order.
///
/// No thread exists before the first loop with more than one range. After `fork` the child makes
/// threads of its own. Workers use the caller's rounding and denormal modes.
void gn_parallel(
    const gn_context *GN_NONNULL context, gn_task GN_NONNULL task,
    void *GN_NULLABLE const *GN_NULLABLE buffers, const int64_t *GN_NULLABLE sizes,
    int64_t count, int32_t pieces);

/// Records an error unless there is one already. Any worker may call it.
///
/// A library loaded into a running program finds no symbol of the runtime there: it reaches the
/// pool through its context, and records errors by the same protocol written out: exchange kind 0
/// for GN_ERROR_CLAIMED, fill in the rest, store the kind.
void gn_fail(
    gn_error *GN_NONNULL error, int32_t kind, int32_t location, int64_t value0, int64_t value1,
    int64_t value2, int64_t value3);

/// The number of worker threads that the pool of this process has started.
int gn_pool_workers(void);

// MARK: - Frame walk

/// Stores the return addresses of the calling thread's frames, innermost first, and returns how
/// many it stored in `room`, at most `max`, each a `uintptr_t`. With `skip` 0 the first is the address that this call returns to.
///
/// Follows frame pointers, and ends at a frame that is null, misaligned, not above the previous
/// one, or outside the thread's stack.
int gn_frames(void *GN_NONNULL room, int skip, int max);

// MARK: - Loaded images

/// Held by whoever reads the images that the process has loaded, and by whoever unloads one: what
/// reads their headers in memory would crash at one that goes meanwhile.
void gn_images_lock(void);
void gn_images_unlock(void);

// MARK: - Thread-local slot

/// One pointer for each thread, initially NULL. The runtime never follows it.
void *GN_NULLABLE gn_thread_slot_get(void);
void gn_thread_slot_set(void *GN_NULLABLE value);

// MARK: - The machine

/// The physical cores that this process may use: what its affinity mask and its control group's
/// quota allow (Linux), or the performance cores (macOS). At least 1; computed once.
int gn_core_count(void);

/// Writes the CPU's instruction sets, separated by spaces and in a fixed order: of `sse4.2 avx avx2
/// fma f16c avx512f …` on x86-64, `neon` on arm64. Returns the length without the final zero, or
/// -1 when `size` is too small.
int gn_cpu_features(char *GN_NONNULL out, int size);

/// Writes the CPU's name and, on x86-64, its feature words: all that `-march=native` can depend
/// on. Returns the length without the final zero, or -1 when `size` is too small.
int gn_cpu_model(char *GN_NONNULL out, int size);

/// The size in bytes of the data cache of `level` (1, 2 or 3), or 0 when it is not known.
int64_t gn_cache_bytes(int level);

/// The file of the executable or library that holds `address`, or NULL.
const char *GN_NULLABLE gn_image_path(const void *GN_NONNULL address);

/// The bytes that malloc has handed out and not got back, or -1 where nobody counts them.
int64_t gn_heap_bytes(void);

// MARK: - The runtime's own text

/// A file of what travels with exported libraries: the first half of this header, the pool, and the
/// routines on matrices.
typedef struct gn_source {
  const char *GN_NONNULL name;
  const char *GN_NONNULL text;
  /// Whether only functions that call `gn_routine` need it.
  int is_for_routines;
} gn_source;

int gn_source_count(void);

const gn_source *GN_NONNULL gn_source_file(int index);

// MARK: - Child processes

/// Starts the program at `path` in a process group of its own, with standard input from
/// /dev/null, and standard output and error into a pipe whose other end is stored in `output`.
/// `environment` NULL means this process's. Returns 0 or an errno.
int gn_spawn(
    const char *GN_NONNULL path, char *GN_NULLABLE const *GN_NONNULL arguments,
    char *GN_NULLABLE const *GN_NULLABLE environment, int *GN_NONNULL process,
    int *GN_NONNULL output);

/// This process's environment: "NAME=value" strings, NULL at the end.
char *GN_NULLABLE *GN_NONNULL gn_environment(void);

#ifdef __cplusplus
}
#endif
#endif
