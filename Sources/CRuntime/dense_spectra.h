// Eigenvalues and singular values, for one REAL. Included twice by gnomon_dense.c.

// Jacobi's method needs about ten; more means NaN or infinity.
#define SWEEPS 40

/// Whether a vector is turned round: of its elements that are at least 0.9 times as large as the
/// largest, the first one shall be positive.
static int FN(is_turned)(const REAL *x, int64_t n, int64_t stride) {
  REAL largest = 0;
  for (int64_t i = 0; i < n; i++) {
    const REAL m = MATH(fabs)(x[i * stride]);
    if (m > largest) { largest = m; }
  }
  for (int64_t i = 0; i < n; i++) {
    if (MATH(fabs)(x[i * stride]) >= (REAL)0.9 * largest) { return x[i * stride] < 0; }
  }
  return 0;
}

static void FN(negate)(REAL *x, int64_t n, int64_t stride) {
  for (int64_t i = 0; i < n; i++) { x[i * stride] = -x[i * stride]; }
}

/// (x, y) = (c x - s y, s x + c y)
static void FN(rotate)(REAL *x, REAL *y, REAL c, REAL s, int64_t n, int64_t stride) {
  for (int64_t i = 0; i < n; i++) {
    const REAL p = x[i * stride], q = y[i * stride];
    x[i * stride] = c * p - s * q;
    y[i * stride] = s * p + c * q;
  }
}

/// The rotation that makes the off-diagonal element of [[p, o], [o, q]] zero.
static void FN(jacobi)(REAL p, REAL q, REAL o, REAL *c, REAL *s) {
  const REAL theta = (q - p) / (2 * o);
  const REAL t =
      (theta >= 0 ? 1 : -1) / (MATH(fabs)(theta) + MATH(sqrt)(1 + theta * theta));
  *c = 1 / MATH(sqrt)(1 + t * t);
  *s = t * *c;
}

/// A = V diag(w) Vᵀ from the lower triangle of a symmetric A, w ascending.
/// sizes: n; buffers: A, w, V. work: 3 n n + 12 n + 16.
static void FN(eigh)(
    const gn_blas *blas, int32_t options, const int64_t *sizes, void *const *buffers, void *work) {
  (void)options;
  const int64_t n = sizes[0];
  const REAL *a = buffers[0];
  REAL *w = buffers[1], *out = buffers[2], *rows = work;
  const gn_lapack *lapack = blas ? blas->lapack : 0;
  int failed = 0;
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j <= i; j++) { failed |= !isfinite(a[i * n + j]); }
  }
  if (failed) {
  } else if (lapack && lapack->LAPACK(syevd) && n >= LARGE_SPECTRUM) {
    int size = (int)n, room = (int)(1 + 6 * n + 2 * n * n), whole = (int)(3 + 5 * n);
    memcpy(rows, a, (size_t)(n * n) * sizeof(REAL));
    REAL *spare = rows + n * n;
    // Row-major lower is column-major upper; its columns are our rows.
    lapack->LAPACK(syevd)(
        "V", "U", &size, rows, &size, w, spare, &room, (int *)(spare + room), &whole, &failed, 1,
        1);
  } else {
    // Jacobi's method, by rows: `rows` holds the eigenvectors, `s` what is left of the matrix.
    REAL *s = rows + n * n;
    for (int64_t i = 0; i < n; i++) {
      for (int64_t j = 0; j < n; j++) {
        rows[i * n + j] = i == j;
        s[i * n + j] = j <= i ? a[i * n + j] : a[j * n + i];
      }
    }
    int sweep = 0, rotated = 1;
    for (; rotated && sweep < SWEEPS; sweep++) {
      rotated = 0;
      for (int64_t p = 0; p < n; p++) {
        for (int64_t q = p + 1; q < n; q++) {
          const REAL o = s[p * n + q];
          const REAL scale = MATH(fabs)(s[p * n + p]) + MATH(fabs)(s[q * n + q]);
          // Later sweeps drop what does not change the diagonal.
          if (o == 0 || (sweep > 4 && scale + MATH(fabs)(o) == scale)) { continue; }
          REAL c, t;
          FN(jacobi)(s[p * n + p], s[q * n + q], o, &c, &t);
          FN(rotate)(s + p * n, s + q * n, c, t, n, 1);
          FN(rotate)(s + p, s + q, c, t, n, n);
          FN(rotate)(rows + p * n, rows + q * n, c, t, n, 1);
          s[p * n + q] = s[q * n + p] = 0;
          rotated = 1;
        }
      }
    }
    for (int64_t i = 0; i < n; i++) { w[i] = s[i * n + i]; }
    // In ascending order, by insertion.
    for (int64_t i = 1; i < n; i++) {
      for (int64_t j = i; j > 0 && w[j] < w[j - 1]; j--) {
        const REAL t = w[j];
        w[j] = w[j - 1];
        w[j - 1] = t;
        FN(swap_rows)(rows + j * n, rows + (j - 1) * n, n);
      }
    }
  }
  if (failed) {
    FN(fill)(w, (REAL)NAN, n);
    FN(fill)(out, (REAL)NAN, n * n);
    return;
  }
  for (int64_t i = 0; i < n; i++) {
    if (FN(is_turned)(rows + i * n, n, 1)) { FN(negate)(rows + i * n, n, 1); }
  }
  FN(transpose)(rows, out, n, n);
}

/// Rows `known..<count` of `x`, of length n, become unit vectors at right angles to all before.
static void FN(complete)(REAL *x, int64_t known, int64_t count, int64_t n) {
  for (int64_t r = known; r < count; r++) {
    // The axis of which the rows so far hold least.
    int64_t axis = 0;
    REAL least = 2;
    for (int64_t j = 0; j < n; j++) {
      REAL held = 0;
      for (int64_t i = 0; i < r; i++) { held += x[i * n + j] * x[i * n + j]; }
      if (held < least - 4 * EPSILON) {
        least = held;
        axis = j;
      }
    }
    REAL *row = x + r * n;
    FN(fill)(row, 0, n);
    row[axis] = 1;
    for (int again = 0; again < 2; again++) {
      for (int64_t i = 0; i < r; i++) { FN(subtract)(row, FN(dot)(row, x + i * n, n), x + i * n, n); }
    }
    const REAL norm = FN(length)(row, n, 1);
    for (int64_t j = 0; j < n; j++) { row[j] /= norm; }
  }
}

/// A = U diag(s) Vᵀ, s descending. sizes: m, n; buffers: A, U, s, Vᵀ. options: 1 square U and Vᵀ.
/// work, with k = min(m, n) and l = max(m, n): l l + 5 k k + 16 k + 34 l + m n + 64.
static void FN(svd)(
    const gn_blas *blas, int32_t options, const int64_t *sizes, void *const *buffers, void *work) {
  const int64_t m = sizes[0], n = sizes[1], k = m < n ? m : n, l = m < n ? n : m;
  const int64_t columns = options & 1 ? m : k, rows = options & 1 ? n : k;
  const REAL *a = buffers[0];
  REAL *u = buffers[1], *s = buffers[2], *vt = buffers[3];
  const gn_lapack *lapack = blas ? blas->lapack : 0;
  int failed = 0;
  for (int64_t i = 0; i < m * n; i++) { failed |= !isfinite(a[i]); }
  if (failed) {
  } else if (lapack && lapack->LAPACK(gesdd) && k >= LARGE_SPECTRUM) {
    REAL *copy = work, *spare = copy + m * n;
    int room = (int)(4 * k * k + 7 * k + 33 * l), height = (int)n, width = (int)m;
    int ldvt = (int)columns;
    memcpy(copy, a, (size_t)(m * n) * sizeof(REAL));
    // Column-major, A is its transpose V diag(s) Uᵀ, and column-major results are ours.
    lapack->LAPACK(gesdd)(
        options & 1 ? "A" : "S", &height, &width, copy, &height, s, vt, &height, u, &ldvt, spare,
        &room, (int *)(spare + room), &failed, 1);
  } else {
    // One-sided Jacobi: k vectors of length l are turned in pairs until they are at right angles.
    // g = j g₀, so that g₀ = jᵀ diag(s) g afterwards.
    REAL *g = work, *j = g + l * l;
    if (m >= n) {
      FN(transpose)(a, g, m, n);
    } else {
      memcpy(g, a, (size_t)(m * n) * sizeof(REAL));
    }
    for (int64_t p = 0; p < k; p++) {
      for (int64_t q = 0; q < k; q++) { j[p * k + q] = p == q; }
    }
    int rotated = 1;
    for (int sweep = 0; rotated && sweep < SWEEPS; sweep++) {
      rotated = 0;
      for (int64_t p = 0; p < k; p++) {
        for (int64_t q = p + 1; q < k; q++) {
          REAL *x = g + p * l, *y = g + q * l;
          const REAL xx = FN(dot)(x, x, l), yy = FN(dot)(y, y, l), xy = FN(dot)(x, y, l);
          if (!(MATH(fabs)(xy) > 2 * EPSILON * MATH(sqrt)(xx) * MATH(sqrt)(yy))) { continue; }
          REAL c, t;
          FN(jacobi)(xx, yy, xy, &c, &t);
          FN(rotate)(x, y, c, t, l, 1);
          FN(rotate)(j + p * k, j + q * k, c, t, k, 1);
          rotated = 1;
        }
      }
    }
    for (int64_t i = 0; i < k; i++) { s[i] = FN(length)(g + i * l, l, 1); }
    for (int64_t i = 1; i < k; i++) {
      for (int64_t p = i; p > 0 && s[p] > s[p - 1]; p--) {
        const REAL t = s[p];
        s[p] = s[p - 1];
        s[p - 1] = t;
        FN(swap_rows)(g + p * l, g + (p - 1) * l, l);
        FN(swap_rows)(j + p * k, j + (p - 1) * k, k);
      }
    }
    int64_t rank = 0;
    while (rank < k && s[rank] > 0) {
      for (int64_t c = 0; c < l; c++) { g[rank * l + c] /= s[rank]; }
      rank++;
    }
    FN(complete)(g, rank, options & 1 ? l : k, l);
    if (m >= n) {
      FN(transpose)(g, u, columns, m);
      memcpy(vt, j, (size_t)(n * n) * sizeof(REAL));
    } else {
      FN(transpose)(j, u, m, m);
      memcpy(vt, g, (size_t)(rows * n) * sizeof(REAL));
    }
  }
  if (failed) {
    FN(fill)(u, (REAL)NAN, m * columns);
    FN(fill)(s, (REAL)NAN, k);
    FN(fill)(vt, (REAL)NAN, rows * n);
    return;
  }
  for (int64_t i = 0; i < k; i++) {
    if (!FN(is_turned)(vt + i * n, n, 1)) { continue; }
    FN(negate)(vt + i * n, n, 1);
    FN(negate)(u + i, m, columns);
  }
}

#undef SWEEPS
