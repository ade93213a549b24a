/// What every unit begins with: the context's layout and index arithmetic. The layout is that of
/// `gnomon_runtime.h`, spelled out so that a unit needs no header of ours.
enum Prelude {
  static let text = """
    #include <stdint.h>

    typedef struct gn_error { int32_t kind; int32_t location; int64_t values[4]; } gn_error;
    typedef struct gn_context gn_context;
    typedef void (*gn_task)(const gn_context *, void *const *, const int64_t *, int64_t, int64_t, int32_t);
    typedef struct gn_blas {
      void (*sgemm)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
      void (*dgemm)(int, int, int, int, int, int, double, const double *, int, const double *, int, double, double *, int);
    } gn_blas;
    struct gn_context {
      uint32_t version;
      int32_t threads;
      void (*parallel)(const gn_context *, gn_task, void *const *, const int64_t *, int64_t, int32_t);
      char *arena;
      gn_error *error;
      const gn_blas *blas;
      uint64_t *counters;
      void (*routine)(const gn_blas *, int32_t, int32_t, int32_t, const int64_t *, int32_t, void *const *, const int64_t *, int64_t, int64_t, void *);
      void (*print)(const gn_context *, int32_t, const void *, const int64_t *);
      void *host;
    };

    #if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__aarch64__)
    #define GN_FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
    #else
    #define GN_FMA(a, b, c) ((a) * (b) + (c))
    #endif

    """

  /// Index arithmetic and the error record; only what is used is defined.
  static let functions: [(name: String, text: String)] = [
    (
      "gn_quotient",
      """
      static inline int64_t gn_quotient(int64_t a, int64_t b) {
        int64_t q = a / b;
        return q - ((a % b != 0) & ((a < 0) != (b < 0)));
      }
      """
    ),
    (
      "gn_minimum",
      "static inline int64_t gn_minimum(int64_t a, int64_t b) { return a < b ? a : b; }"
    ),
    (
      "gn_maximum",
      "static inline int64_t gn_maximum(int64_t a, int64_t b) { return a > b ? a : b; }"
    ),
    (
      "gn_report",
      """
      static void gn_report(gn_error *error, int32_t kind, int32_t location, int64_t v0, int64_t v1, int64_t v2) {
        int32_t none = 0;
        if (!__atomic_compare_exchange_n(&error->kind, &none, -1, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) { return; }
        error->location = location;
        error->values[0] = v0;
        error->values[1] = v1;
        error->values[2] = v2;
        __atomic_store_n(&error->kind, kind, __ATOMIC_RELEASE);
      }
      """
    ),
  ]

  /// The vector types that the masked instructions of AVX-512 are declared with.
  static let maskedTypes = """
    #ifdef __AVX512F__
    typedef float gn_v4sf __attribute__((vector_size(16)));
    typedef float gn_v8sf __attribute__((vector_size(32)));
    typedef float gn_v16sf __attribute__((vector_size(64)));
    typedef double gn_v8df __attribute__((vector_size(64)));
    typedef int gn_v16si __attribute__((vector_size(64)));
    typedef long long gn_v8di __attribute__((vector_size(64)));
    #endif

    """
}
