// Dense linear algebra and transforms on one matrix after the other of a batch: what generated code
// calls for the ops that are no loops over independent elements.
//
// Each routine has a form of its own, which is also the fast one for small matrices, and uses LAPACK
// where the context brings a library and the matrix is large enough to pay for its copies. Which of
// the two runs depends on sizes alone, so results do not depend on the number of workers. Matrices are
// row-major. Nothing is allocated: the caller gives `work`.
#include <complex.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "gnomon_runtime.h"

#define GN_JOIN_(a, b) a##b
#define GN_JOIN(a, b) GN_JOIN_(a, b)

// Of a matrix below this size the eigenvalues and singular values are found here: LAPACK's calls and copies
// cost more than they save.
#define LARGE_SPECTRUM 24

#define REAL float
#define EPSILON 1.1920929e-07f
#define FN(name) GN_JOIN(name, _f32)
#define LAPACK(name) GN_JOIN(s, name)
#define MATH(name) GN_JOIN(name, f)
#define COMPLEX float _Complex
#include "dense_factorizations.h"
#include "dense_spectra.h"
#include "dense_schur.h"
#include "dense_fourier.h"
#undef REAL
#undef EPSILON
#undef FN
#undef LAPACK
#undef MATH
#undef COMPLEX

#define REAL double
#define EPSILON 2.220446049250313e-16
#define FN(name) GN_JOIN(name, _f64)
#define LAPACK(name) GN_JOIN(d, name)
#define MATH(name) name
#define COMPLEX double _Complex
#include "dense_factorizations.h"
#include "dense_spectra.h"
#include "dense_schur.h"
#include "dense_fourier.h"

/// The routine for one matrix.
static void one(
    const gn_blas *blas, int32_t kind, int32_t options, int32_t bytes, const int64_t *sizes,
    void *const *buffers, void *work) {
#define GN_CASE(KIND, NAME)                                                                \
  case KIND:                                                                               \
    if (bytes == 8) {                                                                      \
      GN_JOIN(NAME, _f64)(blas, options, sizes, buffers, work);                            \
    } else {                                                                               \
      GN_JOIN(NAME, _f32)(blas, options, sizes, buffers, work);                            \
    }                                                                                      \
    break
  switch (kind) {
    GN_CASE(GN_CHOLESKY, cholesky);
    GN_CASE(GN_TRIANGULAR_SOLVE, triangular_solve);
    GN_CASE(GN_LU, lu);
    GN_CASE(GN_LINEAR_SOLVE, linear_solve);
    GN_CASE(GN_QR, qr);
    GN_CASE(GN_EIGH, eigh);
    GN_CASE(GN_SVD, svd);
    GN_CASE(GN_TRIDIAGONAL_SOLVE, tridiagonal_solve);
    GN_CASE(GN_EIG, eig);
    GN_CASE(GN_SYLVESTER, sylvester);
    GN_CASE(GN_FOURIER, fourier);
  }
#undef GN_CASE
}

#define GN_ROUTINE_BUFFERS 8

void gn_routine(
    const gn_blas *blas, int32_t kind, int32_t options, int32_t bytes, const int64_t *sizes,
    int32_t count, void *const *buffers, const int64_t *strides, int64_t begin, int64_t end,
    void *work) {
  void *own[GN_ROUTINE_BUFFERS];
  if (kind == GN_FOURIER && begin < end && sizes[0] > 0) {
    if (bytes == 8) {
      prepare_fourier_f64(options, sizes, work);
    } else {
      prepare_fourier_f32(options, sizes, work);
    }
  }
  for (int64_t i = begin; i < end; i++) {
    for (int32_t b = 0; b < count; b++) { own[b] = (char *)buffers[b] + i * strides[b]; }
    one(blas, kind, options, bytes, sizes, own, work);
  }
}
