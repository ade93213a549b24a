// Schur form, eigenvalues and eigenvectors of general matrices, Sylvester's equation, for one REAL.
// Included twice by gnomon_dense.c; COMPLEX is the complex type of REAL.

// QR steps for one eigenvalue before a matrix is given up.
#define STEPS 80

/// (x, y) = (c x + s y, c y - conj(s) x)
static void FN(turn)(COMPLEX *x, COMPLEX *y, REAL c, COMPLEX s, int64_t n, int64_t stride) {
  // In real numbers: a compiler's product of complex ones looks for infinities.
  const REAL a = MATH(creal)(s), b = MATH(cimag)(s);
  for (int64_t i = 0; i < n; i++) {
    REAL *u = (REAL *)(x + i * stride), *v = (REAL *)(y + i * stride);
    const REAL pr = u[0], pi = u[1], qr = v[0], qi = v[1];
    u[0] = c * pr + (a * qr - b * qi);
    u[1] = c * pi + (a * qi + b * qr);
    v[0] = c * qr - (a * pr + b * pi);
    v[1] = c * qi - (a * pi - b * pr);
  }
}

static void FN(scale)(COMPLEX *x, int64_t count, int exponent) {
  REAL *parts = (REAL *)x;
  for (int64_t i = 0; i < 2 * count; i++) { parts[i] = MATH(ldexp)(parts[i], exponent); }
}

/// The rotation with which `turn` makes y zero.
static void FN(givens)(COMPLEX x, COMPLEX y, REAL *c, COMPLEX *s) {
  const REAL a = MATH(cabs)(x), norm = MATH(hypot)(a, MATH(cabs)(y));
  *c = 1;
  *s = 0;
  if (norm == 0) { return; }
  *c = a / norm;
  *s = a == 0 ? MATH(conj)(y) / norm : x / a * MATH(conj)(y) / norm;
}

/// A = Z T Zᴴ with an upper triangle T, by QR steps with Wilkinson's shifts (Golub and Van Loan,
/// "Matrix Computations", 7.5). `t` holds A, which is real, and becomes T. Returns whether it went wrong.
static int FN(schur)(COMPLEX *t, COMPLEX *z, int64_t n) {
  REAL largest = 0;
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < n; j++) {
      const REAL size = MATH(fabs)(MATH(creal)(t[i * n + j]));
      z[i * n + j] = i == j;
      if (!isfinite(size)) { return 1; }
      if (size > largest) { largest = size; }
    }
  }
  // In units of a power of two, so that no square overflows or vanishes.
  int exponent;
  MATH(frexp)(largest, &exponent);
  FN(scale)(t, n * n, -exponent);
  REAL c;
  COMPLEX s;
  // Hessenberg form.
  for (int64_t k = 0; k + 2 < n; k++) {
    for (int64_t i = n - 1; i > k + 1; i--) {
      if (t[i * n + k] == 0) { continue; }
      FN(givens)(t[(i - 1) * n + k], t[i * n + k], &c, &s);
      FN(turn)(t + (i - 1) * n, t + i * n, c, s, n, 1);
      FN(turn)(t + i - 1, t + i, c, MATH(conj)(s), n, n);
      FN(turn)(z + i - 1, z + i, c, MATH(conj)(s), n, n);
      t[i * n + k] = 0;
    }
  }
  int64_t last = n - 1;
  for (int steps = 0; last > 0;) {
    int64_t first = last;
    for (; first > 0; first--) {
      const REAL beside =
          MATH(cabs)(t[(first - 1) * n + first - 1]) + MATH(cabs)(t[first * n + first]);
      if (MATH(cabs)(t[first * n + first - 1]) <= EPSILON * beside) {
        t[first * n + first - 1] = 0;
        break;
      }
    }
    if (first == last) {
      last--;
      steps = 0;
      continue;
    }
    if (++steps > STEPS) { return 1; }
    const COMPLEX a = t[(last - 1) * n + last - 1], b = t[(last - 1) * n + last];
    const COMPLEX e = t[last * n + last - 1], d = t[last * n + last];
    const COMPLEX half = (a - d) / 2;
    COMPLEX root = MATH(csqrt)(half * half + b * e);
    if (MATH(creal)(half * MATH(conj)(root)) < 0) { root = -root; }
    const COMPLEX sum = half + root;
    COMPLEX shift = sum == 0 ? d : d - b * e / sum;
    // What goes round in circles gets another shift.
    if (steps % 10 == 0) { shift = d + MATH(cabs)(e); }
    COMPLEX x = t[first * n + first] - shift, y = t[(first + 1) * n + first];
    for (int64_t k = first; k < last; k++) {
      FN(givens)(x, y, &c, &s);
      const int64_t from = k > first ? k - 1 : k;
      const int64_t to = k + 2 < last ? k + 2 : last;
      FN(turn)(t + k * n + from, t + (k + 1) * n + from, c, s, n - from, 1);
      FN(turn)(t + k, t + k + 1, c, MATH(conj)(s), to + 1, n);
      FN(turn)(z + k, z + k + 1, c, MATH(conj)(s), n, n);
      if (k > first) { t[(k + 1) * n + k - 1] = 0; }
      if (k + 1 < last) {
        x = t[(k + 1) * n + k];
        y = t[(k + 2) * n + k];
      }
    }
  }
  FN(scale)(t, n * n, exponent);
  return 0;
}

static int FN(is_finite)(const REAL *a, int64_t count) {
  int failed = 0;
  for (int64_t i = 0; i < count; i++) { failed |= !isfinite(a[i]); }
  return !failed;
}

static void FN(load)(const REAL *a, COMPLEX *t, int64_t count) {
  for (int64_t i = 0; i < count; i++) { t[i] = a[i]; }
}

/// Column k of the vectors: `v` with length 1, turned so that of the elements that are at least 0.9 times
/// as large as the largest the first one is real and positive.
static void FN(put_vector)(const COMPLEX *v, int64_t n, int64_t k, REAL *vr, REAL *vi) {
  REAL length = 0, most = 0;
  for (int64_t i = 0; i < n; i++) {
    const REAL m = MATH(cabs)(v[i]);
    length = MATH(hypot)(length, m);
    if (m > most) { most = m; }
  }
  COMPLEX phase = 1;
  for (int64_t i = 0; i < n; i++) {
    if (MATH(cabs)(v[i]) < (REAL)0.9 * most) { continue; }
    phase = MATH(conj)(v[i]) / MATH(cabs)(v[i]);
    break;
  }
  for (int64_t i = 0; i < n; i++) {
    const COMPLEX e = v[i] * phase / length;
    vr[i * n + k] = MATH(creal)(e);
    vi[i * n + k] = MATH(cimag)(e);
  }
}

/// Column k of the vectors as the conjugate of one that is there already.
static void FN(put_conjugate)(int64_t n, int64_t k, int64_t other, REAL *vr, REAL *vi) {
  for (int64_t i = 0; i < n; i++) {
    vr[i * n + k] = vr[i * n + other];
    vi[i * n + k] = -vi[i * n + other];
  }
}

/// The values in their order, and the columns of the vectors in the same. work: 2 n.
static void FN(sort_spectrum)(
    int64_t n, REAL *re, REAL *im, REAL *vr, REAL *vi, REAL *work) {
  REAL *order = work, *line = work + n;
  // By insertion; a number of the element's type holds any size that a matrix has.
  for (int64_t i = 0; i < n; i++) {
    int64_t j = i;
    for (; j > 0; j--) {
      const int64_t before = (int64_t)order[j - 1];
      if (!(re[i] != re[before] ? re[i] < re[before] : im[i] < im[before])) { break; }
      order[j] = order[j - 1];
    }
    order[j] = (REAL)i;
  }
  for (int64_t r = -2; r < 2 * n; r++) {
    REAL *own = r == -2 ? re : r == -1 ? im : r < n ? vr + r * n : vi + (r - n) * n;
    memcpy(line, own, (size_t)n * sizeof(REAL));
    for (int64_t k = 0; k < n; k++) { own[k] = line[(int64_t)order[k]]; }
  }
}

/// Eigenvalues and vectors by LAPACK. work: 4 n n + 7 n. Returns whether it went wrong.
static int FN(eig_lapack)(
    const gn_lapack *lapack, int64_t n, const REAL *a, REAL *re, REAL *im, REAL *vr, REAL *vi,
    REAL *work) {
  REAL *columns = work, *found = columns + n * n, *spare = found + n * n + 2 * n;
  COMPLEX *v = (COMPLEX *)(found + n * n);
  int size = (int)n, one = 1, failed = 0;
  // 2 n n + 5 n are left, and integers of 32 bits.
  const int64_t left = 2 * n * n + 5 * n;
  int room = left < INT32_MAX ? (int)left : INT32_MAX;
  FN(transpose)(a, columns, n, n);
  lapack->LAPACK(geev)(
      "N", "V", &size, columns, &size, re, im, 0, &one, found, &size, spare, &room, &failed, 1,
      1);
  if (failed) { return 1; }
  for (int64_t k = 0; k < n; k++) {
    const REAL *x = found + k * n;
    if (im[k] < 0) {
      FN(put_conjugate)(n, k, k - 1, vr, vi);
      continue;
    }
    // Of a pair the real and the imaginary part of the first vector.
    for (int64_t i = 0; i < n; i++) {
      REAL *parts = (REAL *)(v + i);
      parts[0] = x[i];
      parts[1] = im[k] > 0 ? x[n + i] : 0;
    }
    FN(put_vector)(v, n, k, vr, vi);
  }
  return 0;
}

/// The same by the complex Schur form.
static int FN(eig_schur)(
    int64_t n, const REAL *a, REAL *re, REAL *im, REAL *vr, REAL *vi, void *work) {
  COMPLEX *t = work, *z = t + n * n, *w = z + n * n, *x = w + n;
  REAL *partner = (REAL *)(x + 2 * n);
  FN(load)(a, t, n * n);
  if (FN(schur)(t, z, n)) { return 1; }
  REAL size = 0;
  for (int64_t i = 0; i < n * n; i++) {
    if (MATH(cabs)(t[i]) > size) { size = MATH(cabs)(t[i]); }
  }
  for (int64_t i = 0; i < n; i++) { w[i] = t[i * n + i]; }
  // The eigenvalues of a real matrix are real, which is its own partner, or come in pairs.
  for (int64_t i = 0; i < n; i++) { partner[i] = -1; }
  for (int64_t i = 0; i < n; i++) {
    if (partner[i] >= 0) { continue; }
    int64_t best = i;
    for (int64_t j = i + 1; j < n; j++) {
      if (partner[j] >= 0) { continue; }
      if (MATH(cabs)(w[j] - MATH(conj)(w[i])) < MATH(cabs)(w[best] - MATH(conj)(w[i]))) {
        best = j;
      }
    }
    partner[i] = (REAL)best;
    partner[best] = (REAL)i;
    if (best == i) { continue; }
    // Two real ones close to each other are no pair.
    if (MATH(fabs)(MATH(cimag)(w[i])) <= 4 * EPSILON * size) {
      partner[i] = (REAL)i;
      partner[best] = -1;
    }
  }
  // Vectors of T by substitution, times Z.
  for (int64_t k = 0; k < n; k++) {
    const int64_t other = (int64_t)partner[k];
    if (other < k) {
      // The conjugate of one that is there already.
      re[k] = re[other];
      im[k] = -im[other];
      FN(put_conjugate)(n, k, other, vr, vi);
      continue;
    }
    re[k] = MATH(creal)(other == k ? w[k] : (w[k] + w[other]) / 2);
    im[k] = other == k ? 0 : MATH(cimag)(w[k] - w[other]) / 2;
    x[k] = 1;
    for (int64_t i = k - 1; i >= 0; i--) {
      COMPLEX rest = 0;
      for (int64_t j = i + 1; j <= k; j++) { rest -= t[i * n + j] * x[j]; }
      COMPLEX distance = t[i * n + i] - t[k * n + k];
      if (MATH(cabs)(distance) < EPSILON * size) { distance = EPSILON * size; }
      x[i] = distance == 0 ? 0 : rest / distance;
      // Of a defective matrix they grow without end.
      const REAL m = MATH(cabs)(x[i]);
      if (m > 1 / (EPSILON * EPSILON)) {
        for (int64_t j = i; j <= k; j++) { x[j] /= m; }
      }
    }
    COMPLEX *v = x + n, largest = 0;
    for (int64_t i = 0; i < n; i++) {
      v[i] = 0;
      for (int64_t j = 0; j <= k; j++) { v[i] += z[i * n + j] * x[j]; }
      if (MATH(cabs)(v[i]) > MATH(cabs)(largest)) { largest = v[i]; }
    }
    // Where several vectors belong to one real value, any part of their sums does.
    for (int64_t i = 0; i < n && other == k; i++) {
      v[i] = MATH(creal)(v[i] * (MATH(conj)(largest) / MATH(cabs)(largest)));
    }
    FN(put_vector)(v, n, k, vr, vi);
  }
  return 0;
}

/// Eigenvalues by real, then imaginary part, and unit eigenvectors as columns: of the elements that
/// are at least 0.9 times as large as the largest, the first one is real and positive. Complex ones
/// are exact pairs. sizes: n; buffers: A, real and imaginary parts of the values, and of the vectors.
/// work: 4 n n + 7 n.
static void FN(eig)(
    const gn_blas *blas, int32_t options, const int64_t *sizes, void *const *buffers, void *work) {
  (void)options;
  const int64_t n = sizes[0];
  const REAL *a = buffers[0];
  REAL *re = buffers[1], *im = buffers[2], *vr = buffers[3], *vi = buffers[4];
  const gn_lapack *lapack = blas ? blas->lapack : 0;
  int failed = !FN(is_finite)(a, n * n);
  if (failed) {
  } else if (lapack && lapack->LAPACK(geev) && n >= LARGE_SPECTRUM) {
    failed = FN(eig_lapack)(lapack, n, a, re, im, vr, vi, work);
  } else {
    failed = FN(eig_schur)(n, a, re, im, vr, vi, work);
  }
  if (failed) {
    FN(fill)(re, (REAL)NAN, n);
    FN(fill)(im, (REAL)NAN, n);
    FN(fill)(vr, (REAL)NAN, n * n);
    FN(fill)(vi, (REAL)NAN, n * n);
    return;
  }
  FN(sort_spectrum)(n, re, im, vr, vi, work);
}

/// A real Schur form by LAPACK, of a matrix by columns: `a` becomes T, `z` the vectors. work: 5 n at least.
static int FN(real_schur)(
    const gn_lapack *lapack, int64_t n, REAL *a, REAL *z, REAL *work, int64_t left) {
  int size = (int)n, none = 0, failed = 0;
  int room = left - 2 * n < INT32_MAX ? (int)(left - 2 * n) : INT32_MAX;
  lapack->LAPACK(gees)(
      "V", "N", 0, &size, a, &size, &none, work, work + n, z, &size, work + 2 * n, &room, 0,
      &failed, 1, 1);
  return failed;
}

/// Sylvester's equation by LAPACK. A matrix by rows is its transpose by columns, and
/// Bᵀ Xᵀ + Xᵀ Aᵀ = Cᵀ the same equation. Returns whether it went wrong.
static int FN(sylvester_lapack)(
    const gn_blas *blas, int64_t m, int64_t n, const REAL *a, const REAL *b, const REAL *c, REAL *x,
    REAL *work) {
  const gn_lapack *lapack = blas->lapack;
  REAL *t = work, *z = t + n * n, *s = z + n * n, *w = s + m * m, *y = w + m * m;
  REAL *spare = y + m * n;
  const int64_t left = 2 * m * m + 2 * n * n + 3 * m * n;
  int rows = (int)n, columns = (int)m, sign = 1, failed = 0;
  REAL scale = 1;
  memcpy(t, b, (size_t)(n * n) * sizeof(REAL));
  memcpy(s, a, (size_t)(m * m) * sizeof(REAL));
  if (FN(real_schur)(lapack, n, t, z, spare, left)) { return 1; }
  if (FN(real_schur)(lapack, m, s, w, spare, left)) { return 1; }
  // Y = Zᵀ C W, then T Y + Y S = that, then X = Z Y Wᵀ.
  blas->LAPACK(gemm)(
      102, 112, 111, rows, columns, rows, 1, z, rows, c, rows, 0, y, rows);
  blas->LAPACK(gemm)(
      102, 111, 111, rows, columns, columns, 1, y, rows, w, columns, 0, x, rows);
  lapack->LAPACK(trsyl)(
      "N", "N", &sign, &rows, &columns, t, &rows, s, &columns, x, &rows, &scale, &failed, 1, 1);
  // 1: values so close to each other that LAPACK moved them.
  if (failed) { return 1; }
  blas->LAPACK(gemm)(
      102, 111, 111, rows, columns, rows, 1 / scale, z, rows, x, rows, 0, y, rows);
  blas->LAPACK(gemm)(
      102, 111, 112, rows, columns, columns, 1, y, rows, w, columns, 0, x, rows);
  return 0;
}

/// X with A X + X B = C, by the Schur forms of A and B (Bartels and Stewart 1972).
/// sizes: m, n; buffers: A (m by m), B (n by n), C, X (m by n). work: 4 m m + 4 n n + 4 m n.
static void FN(sylvester)(
    const gn_blas *blas, int32_t options, const int64_t *sizes, void *const *buffers, void *work) {
  (void)options;
  const int64_t m = sizes[0], n = sizes[1];
  const gn_lapack *lapack = blas ? blas->lapack : 0;
  COMPLEX *t = work, *z = t + m * m, *s = z + m * m, *w = s + n * n, *f = w + n * n, *y = f + m * n;
  const REAL *q = buffers[2];
  REAL *x = buffers[3];
  if (lapack && lapack->LAPACK(gees) && lapack->LAPACK(trsyl) && m >= LARGE_SPECTRUM &&
      n >= LARGE_SPECTRUM && FN(is_finite)(buffers[0], m * m) &&
      FN(is_finite)(buffers[1], n * n)) {
    if (FN(sylvester_lapack)(blas, m, n, buffers[0], buffers[1], q, x, work)) {
      FN(fill)(x, (REAL)NAN, m * n);
    }
    return;
  }
  FN(load)(buffers[0], t, m * m);
  FN(load)(buffers[1], s, n * n);
  if (FN(schur)(t, z, m) || FN(schur)(s, w, n)) {
    FN(fill)(x, (REAL)NAN, m * n);
    return;
  }
  // F = Zᴴ C W
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = 0; j < n; j++) {
      COMPLEX total = 0;
      for (int64_t k = 0; k < m; k++) { total += MATH(conj)(z[k * m + i]) * q[k * n + j]; }
      y[i * n + j] = total;
    }
  }
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = 0; j < n; j++) {
      COMPLEX total = 0;
      for (int64_t k = 0; k < n; k++) { total += y[i * n + k] * w[k * n + j]; }
      f[i * n + j] = total;
    }
  }
  // T Y + Y S = F, column by column from the left and from the last row up.
  for (int64_t j = 0; j < n; j++) {
    for (int64_t i = m - 1; i >= 0; i--) {
      COMPLEX rest = f[i * n + j];
      for (int64_t k = 0; k < j; k++) { rest -= y[i * n + k] * s[k * n + j]; }
      for (int64_t k = i + 1; k < m; k++) { rest -= t[i * m + k] * y[k * n + j]; }
      y[i * n + j] = rest / (t[i * m + i] + s[j * n + j]);
    }
  }
  // X = Z Y Wᴴ
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = 0; j < n; j++) {
      COMPLEX total = 0;
      for (int64_t k = 0; k < m; k++) { total += z[i * m + k] * y[k * n + j]; }
      f[i * n + j] = total;
    }
  }
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = 0; j < n; j++) {
      COMPLEX total = 0;
      for (int64_t k = 0; k < n; k++) { total += f[i * n + k] * MATH(conj)(w[j * n + k]); }
      x[i * n + j] = MATH(creal)(total);
    }
  }
}

#undef STEPS
