// Factorizations and solves, for one REAL. Included twice by gnomon_dense.c; FN(name) is the name of
// this REAL's function, LAPACK(name) the field of `gn_lapack`.

// A matrix below this size is done here: LAPACK's calls and copies cost more than they save.
#define LARGE 32

static REAL FN(dot)(const REAL *x, const REAL *y, int64_t n) {
  // Sums by lanes: the order is the compiler's, the same for every call.
#pragma clang fp reassociate(on) contract(off)
  REAL total = 0;
  for (int64_t i = 0; i < n; i++) { total += x[i] * y[i]; }
  return total;
}

/// y -= f x
static void FN(subtract)(REAL *restrict y, REAL f, const REAL *restrict x, int64_t n) {
  for (int64_t i = 0; i < n; i++) { y[i] -= f * x[i]; }
}

static void FN(fill)(REAL *x, REAL value, int64_t n) {
  for (int64_t i = 0; i < n; i++) { x[i] = value; }
}

/// to[j, i] = from[i, j] of `rows` by `columns`.
static void FN(transpose)(const REAL *from, REAL *to, int64_t rows, int64_t columns) {
  for (int64_t i0 = 0; i0 < rows; i0 += 16) {
    for (int64_t j0 = 0; j0 < columns; j0 += 16) {
      for (int64_t i = i0; i < rows && i < i0 + 16; i++) {
        for (int64_t j = j0; j < columns && j < j0 + 16; j++) { to[j * rows + i] = from[i * columns + j]; }
      }
    }
  }
}

/// The Euclidean norm, without overflow on the way.
static REAL FN(length)(const REAL *x, int64_t n, int64_t stride) {
  REAL largest = 0;
  for (int64_t i = 0; i < n; i++) {
    const REAL m = MATH(fabs)(x[i * stride]);
    if (!(m <= largest)) { largest = m; }
  }
  if (largest == 0 || !isfinite(largest)) { return largest; }
  REAL total = 0;
  for (int64_t i = 0; i < n; i++) {
    const REAL v = x[i * stride] / largest;
    total += v * v;
  }
  return largest * MATH(sqrt)(total);
}

/// A = L Lᵀ from the lower triangle of A; NaN in the whole triangle when A is not positive definite.
/// sizes: n; buffers: A, L.
static void FN(cholesky)(
    const gn_blas *blas, int32_t options, const int64_t *sizes, void *const *buffers, void *work) {
  (void)options;
  (void)work;
  const int64_t n = sizes[0];
  const REAL *a = buffers[0];
  REAL *l = buffers[1];
  for (int64_t i = 0; i < n; i++) {
    memcpy(l + i * n, a + i * n, (size_t)(i + 1) * sizeof(REAL));
    FN(fill)(l + i * n + i + 1, 0, n - i - 1);
  }
  int failed = 0;
  const gn_lapack *lapack = blas ? blas->lapack : 0;
  if (lapack && lapack->LAPACK(potrf) && n >= LARGE) {
    int size = (int)n;
    // Row-major lower is column-major upper.
    lapack->LAPACK(potrf)("U", &size, l, &size, &failed, 1);
    for (int64_t i = 0; i < n; i++) { failed |= isnan(l[i * n + i]) != 0; }
  } else {
    for (int64_t i = 0; i < n && !failed; i++) {
      for (int64_t j = 0; j < i; j++) {
        l[i * n + j] = (l[i * n + j] - FN(dot)(l + i * n, l + j * n, j)) / l[j * n + j];
      }
      const REAL d = l[i * n + i] - FN(dot)(l + i * n, l + i * n, i);
      failed = !(d > 0);
      l[i * n + i] = MATH(sqrt)(d);
    }
  }
  if (failed) {
    for (int64_t i = 0; i < n; i++) { FN(fill)(l + i * n, (REAL)NAN, i + 1); }
  }
}

/// x = op(T)⁻¹ x of a triangle T of the n by n matrix `a`, for k columns.
static void FN(solve_triangle)(
    const gn_blas *blas, int64_t n, int64_t k, const REAL *a, int lower, int transposed, int unit,
    REAL *x) {
  if (n == 0 || k == 0) { return; }
  if (blas && blas->lapack && blas->lapack->LAPACK(trsm) && n >= LARGE && k >= 4) {
    blas->lapack->LAPACK(trsm)(
        101, 141, lower ? 122 : 121, transposed ? 112 : 111, unit ? 132 : 131, (int)n, (int)k, 1, a,
        (int)n, x, (int)k);
    return;
  }
  const int forward = lower != transposed;
  if (k == 1 && !transposed) {
    // One column: rows of the triangle are contiguous, so sums of products.
    for (int64_t s = 0; s < n; s++) {
      const int64_t i = forward ? s : n - 1 - s;
      const REAL known =
          forward ? FN(dot)(a + i * n, x, i) : FN(dot)(a + i * n + i + 1, x + i + 1, n - 1 - i);
      x[i] = unit ? x[i] - known : (x[i] - known) / a[i * n + i];
    }
    return;
  }
  for (int64_t s = 0; s < n; s++) {
    const int64_t i = forward ? s : n - 1 - s;
    REAL *row = x + i * k;
    if (!unit) {
      const REAL d = a[i * n + i];
      for (int64_t c = 0; c < k; c++) { row[c] /= d; }
    }
    // What is known of row i leaves the rows that come later.
    for (int64_t t = s + 1; t < n; t++) {
      const int64_t j = forward ? t : n - 1 - t;
      FN(subtract)(x + j * k, transposed ? a[i * n + j] : a[j * n + i], row, k);
    }
  }
}

/// sizes: n, k; buffers: T, B, X. options: 1 lower, 2 transposed, 4 ones on the diagonal.
static void FN(triangular_solve)(
    const gn_blas *blas, int32_t options, const int64_t *sizes, void *const *buffers, void *work) {
  (void)work;
  memcpy(buffers[2], buffers[1], (size_t)(sizes[0] * sizes[1]) * sizeof(REAL));
  FN(solve_triangle)(
      blas, sizes[0], sizes[1], buffers[0], options & 1, (options & 2) != 0, (options & 4) != 0,
      buffers[2]);
}

static void FN(swap_rows)(REAL *x, REAL *y, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    const REAL t = x[i];
    x[i] = y[i];
    y[i] = t;
  }
}

/// A[permutation] = L U by partial pivoting, both in one matrix, L without its diagonal of ones.
/// sizes: m, n; buffers: A, LU, permutation (int64), sign of the permutation. work: m n + m.
static void FN(lu)(
    const gn_blas *blas, int32_t options, const int64_t *sizes, void *const *buffers, void *work) {
  (void)options;
  const int64_t m = sizes[0], n = sizes[1], k = m < n ? m : n;
  REAL *a = buffers[1];
  int64_t *permutation = buffers[2];
  REAL sign = 1;
  for (int64_t i = 0; i < m; i++) { permutation[i] = i; }
  const gn_lapack *lapack = blas ? blas->lapack : 0;
  if (lapack && lapack->LAPACK(getrf) && k >= LARGE) {
    REAL *turned = work;
    int *pivots = (int *)(turned + m * n);
    int rows = (int)m, columns = (int)n, info = 0;
    FN(transpose)(buffers[0], turned, m, n);
    lapack->LAPACK(getrf)(&rows, &columns, turned, &rows, pivots, &info);
    FN(transpose)(turned, a, n, m);
    for (int64_t i = 0; i < k; i++) {
      const int64_t p = pivots[i] - 1;
      if (p == i) { continue; }
      const int64_t t = permutation[i];
      permutation[i] = permutation[p];
      permutation[p] = t;
      sign = -sign;
    }
  } else {
    memcpy(a, buffers[0], (size_t)(m * n) * sizeof(REAL));
    for (int64_t c = 0; c < k; c++) {
      int64_t p = c;
      for (int64_t i = c + 1; i < m; i++) {
        if (MATH(fabs)(a[i * n + c]) > MATH(fabs)(a[p * n + c])) { p = i; }
      }
      if (p != c) {
        FN(swap_rows)(a + c * n, a + p * n, n);
        const int64_t t = permutation[c];
        permutation[c] = permutation[p];
        permutation[p] = t;
        sign = -sign;
      }
      const REAL pivot = a[c * n + c];
      if (pivot == 0) { continue; }
      for (int64_t i = c + 1; i < m; i++) {
        const REAL f = a[i * n + c] / pivot;
        a[i * n + c] = f;
        FN(subtract)(a + i * n + c + 1, f, a + c * n + c + 1, n - c - 1);
      }
    }
  }
  *(REAL *)buffers[3] = sign;
}

/// X = A⁻¹ B or A⁻ᵀ B from the factors that `lu` gives. A row whose place in the permutation is none
/// becomes NaN. sizes: n, k; buffers: A (not read), LU, permutation, B, X. options: 1 transposed,
/// 2 the identity matrix for B, which is no buffer then. work: n k.
static void FN(linear_solve)(
    const gn_blas *blas, int32_t options, const int64_t *sizes, void *const *buffers, void *work) {
  const int64_t n = sizes[0], k = sizes[1];
  const REAL *lu = buffers[1], *b = buffers[3];
  const int64_t *permutation = buffers[2];
  REAL *x = buffers[options & 2 ? 3 : 4];
  if (!(options & 1)) {
    for (int64_t i = 0; i < n; i++) {
      const int64_t p = permutation[i];
      if (p >= 0 && p < n && options & 2) {
        FN(fill)(x + i * k, 0, k);
        x[i * k + p] = 1;
      } else if (p >= 0 && p < n) {
        memcpy(x + i * k, b + p * k, (size_t)k * sizeof(REAL));
      } else {
        FN(fill)(x + i * k, (REAL)NAN, k);
      }
    }
    FN(solve_triangle)(blas, n, k, lu, 1, 0, 1, x);
    FN(solve_triangle)(blas, n, k, lu, 0, 0, 0, x);
    return;
  }
  REAL *y = work;
  memcpy(y, b, (size_t)(n * k) * sizeof(REAL));
  FN(solve_triangle)(blas, n, k, lu, 0, 1, 0, y);
  FN(solve_triangle)(blas, n, k, lu, 1, 1, 1, y);
  FN(fill)(x, (REAL)NAN, n * k);
  for (int64_t i = 0; i < n; i++) {
    const int64_t p = permutation[i];
    if (p >= 0 && p < n) { memcpy(x + p * k, y + i * k, (size_t)k * sizeof(REAL)); }
  }
}

/// A = Q R with a diagonal of R that is not negative. sizes: m, n; buffers: A, Q, R.
/// options: 1 square Q. work: m max(n, q) + 33 max(n, q) + min(m, n), q the columns of Q.
static void FN(qr)(
    const gn_blas *blas, int32_t options, const int64_t *sizes, void *const *buffers, void *work) {
  const int64_t m = sizes[0], n = sizes[1], k = m < n ? m : n;
  const int64_t q = options & 1 ? m : k, wide = n > q ? n : q;
  REAL *out = buffers[1], *r = buffers[2];
  REAL *a = work, *tau = a + m * wide, *spare = tau + k;
  const gn_lapack *lapack = blas ? blas->lapack : 0;
  if (lapack && lapack->LAPACK(geqrf) && lapack->LAPACK(orgqr) && k >= LARGE) {
    int rows = (int)m, columns = (int)n, count = (int)k, square = (int)q, info = 0;
    int room = (int)(32 * wide);
    FN(transpose)(buffers[0], a, m, n);
    lapack->LAPACK(geqrf)(&rows, &columns, a, &rows, tau, spare, &room, &info);
    for (int64_t i = 0; i < q; i++) {
      for (int64_t j = 0; j < n; j++) { r[i * n + j] = j < i ? 0 : a[j * m + i]; }
    }
    lapack->LAPACK(orgqr)(&rows, &square, &count, a, &rows, tau, spare, &room, &info);
    FN(transpose)(a, out, q, m);
  } else {
    memcpy(a, buffers[0], (size_t)(m * n) * sizeof(REAL));
    for (int64_t c = 0; c < k; c++) {
      // The reflection that leaves one element of the column: v is kept below the diagonal.
      const REAL alpha = a[c * n + c];
      const REAL norm = FN(length)(a + c * n + c, m - c, n);
      tau[c] = 0;
      if (norm == 0) { continue; }
      const REAL beta = alpha > 0 ? -norm : norm;
      tau[c] = (beta - alpha) / beta;
      a[c * n + c] = beta;
      for (int64_t i = c + 1; i < m; i++) { a[i * n + c] /= alpha - beta; }
      const int64_t rest = n - c - 1;
      if (rest == 0) { continue; }
      memcpy(spare, a + c * n + c + 1, (size_t)rest * sizeof(REAL));
      for (int64_t i = c + 1; i < m; i++) {
        FN(subtract)(spare, -a[i * n + c], a + i * n + c + 1, rest);
      }
      FN(subtract)(a + c * n + c + 1, tau[c], spare, rest);
      for (int64_t i = c + 1; i < m; i++) {
        FN(subtract)(a + i * n + c + 1, tau[c] * a[i * n + c], spare, rest);
      }
    }
    for (int64_t i = 0; i < q; i++) {
      for (int64_t j = 0; j < n; j++) { r[i * n + j] = j < i ? 0 : a[i * n + j]; }
    }
    FN(fill)(out, 0, m * q);
    for (int64_t i = 0; i < q; i++) { out[i * q + i] = 1; }
    for (int64_t c = k - 1; c >= 0; c--) {
      memcpy(spare, out + c * q, (size_t)q * sizeof(REAL));
      for (int64_t i = c + 1; i < m; i++) { FN(subtract)(spare, -a[i * n + c], out + i * q, q); }
      FN(subtract)(out + c * q, tau[c], spare, q);
      for (int64_t i = c + 1; i < m; i++) {
        FN(subtract)(out + i * q, tau[c] * a[i * n + c], spare, q);
      }
    }
  }
  for (int64_t i = 0; i < k; i++) {
    if (!(r[i * n + i] < 0)) { continue; }
    for (int64_t j = i; j < n; j++) { r[i * n + j] = -r[i * n + j]; }
    for (int64_t j = 0; j < m; j++) { out[j * q + i] = -out[j * q + i]; }
  }
}

/// A tridiagonal system by elimination with exchanges of neighbouring rows.
/// sizes: n, k; buffers: the diagonal below (its first element is not read), the diagonal, the one
/// above (its last element is not read), B, X. work: 4 n.
static void FN(tridiagonal_solve)(
    const gn_blas *blas, int32_t options, const int64_t *sizes, void *const *buffers, void *work) {
  (void)blas;
  (void)options;
  const int64_t n = sizes[0], k = sizes[1];
  const REAL *lower = buffers[0], *middle = buffers[1], *upper = buffers[2];
  REAL *x = buffers[4];
  // Rows of the eliminated matrix: the diagonal and the two above it.
  REAL *d = work, *u = d + n, *v = u + n, *l = v + n;
  memcpy(x, buffers[3], (size_t)(n * k) * sizeof(REAL));
  for (int64_t i = 0; i < n; i++) {
    d[i] = middle[i];
    u[i] = i + 1 < n ? upper[i] : 0;
    l[i] = i > 0 ? lower[i] : 0;
    v[i] = 0;
  }
  for (int64_t i = 0; i + 1 < n; i++) {
    if (MATH(fabs)(l[i + 1]) > MATH(fabs)(d[i])) {
      // The next row comes first.
      const REAL own = d[i], next = u[i];
      d[i] = l[i + 1];
      u[i] = d[i + 1];
      v[i] = u[i + 1];
      l[i + 1] = own;
      d[i + 1] = next;
      u[i + 1] = 0;
      FN(swap_rows)(x + i * k, x + (i + 1) * k, k);
    }
    const REAL f = l[i + 1] / d[i];
    d[i + 1] -= f * u[i];
    u[i + 1] -= f * v[i];
    FN(subtract)(x + (i + 1) * k, f, x + i * k, k);
  }
  for (int64_t i = n - 1; i >= 0; i--) {
    if (i + 1 < n) { FN(subtract)(x + i * k, u[i], x + (i + 1) * k, k); }
    if (i + 2 < n) { FN(subtract)(x + i * k, v[i], x + (i + 2) * k, k); }
    for (int64_t c = 0; c < k; c++) { x[i * k + c] /= d[i]; }
  }
}

#undef LARGE
