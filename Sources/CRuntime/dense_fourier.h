// The discrete Fourier transform of a line, for one REAL. Included twice by gnomon_dense.c.
//
// Mixed radices in Stockham's order, which needs no permutation (Swarztrauber 1984); a length with a
// large prime factor goes by Bluestein's convolution (Bluestein 1970), whose length is a power of two.

// Larger prime factors are not worth their squares.
#define LARGEST_RADIX 13

/// Complex numbers, their real and their imaginary parts.
typedef struct FN(line) {
  REAL *re, *im;
} FN(line);

#define LINE FN(line)

/// The line `count` numbers long at `*room`, which moves on.
static LINE FN(taken)(REAL **room, int64_t count) {
  const LINE x = {*room, *room + count};
  *room += 2 * count;
  return x;
}

/// e^(∓2πi k / n) for k below n, each computed in double from an angle below an eighth of a turn.
static void FN(roots)(LINE w, int64_t n, int inverse) {
  // Of whole quarters the first one says all.
  const int64_t own = n % 4 == 0 ? n / 4 : n;
  for (int64_t k = 0; k < own; k++) {
    // The nearest quarter turn, and what is left of n / 4 parts.
    const int64_t quarter = (4 * k + n / 2) / n;
    const double angle = 1.5707963267948966 * (double)(4 * k - quarter * n) / (double)n;
    const double c = cos(angle), s = sin(angle);
    const double re[4] = {c, -s, -c, s}, im[4] = {s, c, -s, -c};
    for (int64_t turn = 0; turn * own < n; turn++) {
      const int64_t at = k + turn * own;
      w.re[at] = (REAL)re[(quarter + turn) & 3];
      w.im[at] = (REAL)(inverse ? im[(quarter + turn) & 3] : -im[(quarter + turn) & 3]);
    }
  }
}

// Wider vectors where the CPU has them; without fused multiply-add, so that no bit depends on it.
#if defined(__x86_64__) && defined(__linux__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

// Lines do not overlap, and steps of a loop are independent, which a compiler cannot see.
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")

/// Four numbers, at `i` and every `m` on, become four, at `o` and every `done` on, turned by the second
/// to the fourth factor. `sign` is that of a quarter turn.
static inline __attribute__((always_inline)) void FN(butterfly)(
    LINE x, LINE y, int64_t i, int64_t m, int64_t o, int64_t done, REAL sign, const REAL *c,
    const REAL *s) {
  const REAL ar = x.re[i], ai = x.im[i], br = x.re[i + m], bi = x.im[i + m];
  const REAL cr = x.re[i + 2 * m], ci = x.im[i + 2 * m];
  const REAL dr = x.re[i + 3 * m], di = x.im[i + 3 * m];
  const REAL er = ar + cr, ei = ai + ci, fr = ar - cr, fi = ai - ci;
  const REAL gr = br + dr, gi = bi + di, hr = sign * (di - bi), hi = sign * (br - dr);
  const REAL tr = fr + hr, ti = fi + hi, ur = er - gr, ui = ei - gi, vr = fr - hr, vi = fi - hi;
  y.re[o] = er + gr;
  y.im[o] = ei + gi;
  y.re[o + done] = tr * c[0] - ti * s[0];
  y.im[o + done] = tr * s[0] + ti * c[0];
  y.re[o + 2 * done] = ur * c[1] - ui * s[1];
  y.im[o + 2 * done] = ur * s[1] + ui * c[1];
  y.re[o + 3 * done] = vr * c[2] - vi * s[2];
  y.im[o + 3 * done] = vr * s[2] + vi * c[2];
}

/// One step of radix 4 with the roots of the length n: `done` transforms of `4 m` become 4 of `m` each.
static inline __attribute__((always_inline)) void FN(step4)(
    LINE x, LINE y, LINE w, int64_t n, int64_t done, int64_t m) {
  const REAL sign = w.im[n / 4];
  for (int64_t p = 0; p < m; p++) {
    const int64_t k = p * done;
    const REAL c[3] = {w.re[k], w.re[2 * k], w.re[3 * k]};
    const REAL s[3] = {w.im[k], w.im[2 * k], w.im[3 * k]};
    INDEPENDENT for (int64_t q = 0; q < done; q++) {
      FN(butterfly)(x, y, q + k, done * m, q + 4 * k, done, sign, c, s);
    }
  }
}

/// The first step, where the loop over `p` is the long one.
static inline __attribute__((always_inline)) void FN(first4)(
    LINE x, LINE y, LINE w, int64_t n, int64_t m) {
  const REAL sign = w.im[n / 4];
  INDEPENDENT for (int64_t p = 0; p < m; p++) {
    const REAL c[3] = {w.re[p], w.re[2 * p], w.re[3 * p]};
    const REAL s[3] = {w.im[p], w.im[2 * p], w.im[3 * p]};
    FN(butterfly)(x, y, p, m, 4 * p, 1, sign, c, s);
  }
}

/// One step of radix 2.
static inline __attribute__((always_inline)) void FN(step2)(
    LINE x, LINE y, LINE w, int64_t done, int64_t m) {
  for (int64_t p = 0; p < m; p++) {
    const REAL c = w.re[p * done], s = w.im[p * done];
    const int64_t i = p * done, o = 2 * i, far = i + done * m;
    INDEPENDENT for (int64_t q = 0; q < done; q++) {
      const REAL re = x.re[i + q] - x.re[far + q], im = x.im[i + q] - x.im[far + q];
      y.re[o + q] = x.re[i + q] + x.re[far + q];
      y.im[o + q] = x.im[i + q] + x.im[far + q];
      y.re[o + done + q] = re * c - im * s;
      y.im[o + done + q] = re * s + im * c;
    }
  }
}

// The steps of a radix that is no number stay loops.
#pragma clang diagnostic ignored "-Wpass-failed"
#define UNROLLED _Pragma("clang loop unroll(full)")

/// One step of an odd radix r: numbers j and r - j share their products. Called with a number for `r` where
/// it is small.
static inline __attribute__((always_inline)) void FN(odd)(
    LINE x, LINE y, LINE w, int64_t n, int64_t r, int64_t done, int64_t m) {
  const int64_t half = (r - 1) / 2;
  for (int64_t p = 0; p < m; p++) {
    INDEPENDENT for (int64_t q = 0; q < done; q++) {
      const int64_t i = q + done * p, o = q + done * r * p;
      const REAL re = x.re[i], im = x.im[i];
      REAL sr[LARGEST_RADIX / 2], si[LARGEST_RADIX / 2], dr[LARGEST_RADIX / 2];
      REAL di[LARGEST_RADIX / 2], ar = re, ai = im;
      UNROLLED for (int64_t j = 0; j < half; j++) {
        const int64_t a = i + done * m * (j + 1), b = i + done * m * (r - j - 1);
        sr[j] = x.re[a] + x.re[b];
        si[j] = x.im[a] + x.im[b];
        dr[j] = x.re[a] - x.re[b];
        di[j] = x.im[a] - x.im[b];
        ar += sr[j];
        ai += si[j];
      }
      y.re[o] = ar;
      y.im[o] = ai;
      UNROLLED for (int64_t k = 1; k <= half; k++) {
        REAL er = re, ei = im, fr = 0, fi = 0;
        UNROLLED for (int64_t j = 0; j < half; j++) {
          const int64_t t = (j + 1) * k % r * (n / r);
          er += sr[j] * w.re[t];
          ei += si[j] * w.re[t];
          fr -= di[j] * w.im[t];
          fi += dr[j] * w.im[t];
        }
        const int64_t u = p * k * done, v = p * (r - k) * done;
        const REAL gr = er + fr, gi = ei + fi, hr = er - fr, hi = ei - fi;
        y.re[o + done * k] = gr * w.re[u] - gi * w.im[u];
        y.im[o + done * k] = gr * w.im[u] + gi * w.re[u];
        y.re[o + done * (r - k)] = hr * w.re[v] - hi * w.im[v];
        y.im[o + done * (r - k)] = hr * w.im[v] + hi * w.re[v];
      }
    }
  }
}

/// The factor to begin with.
static int64_t FN(radix)(int64_t n) {
  int64_t r = n % 4 == 0 ? 4 : 2;
  while (n % r != 0) { r++; }
  return r;
}

static int64_t FN(steps)(int64_t n) {
  int64_t count = 0;
  for (; n > 1; n /= FN(radix)(n)) { count++; }
  return count;
}

/// Transforms `x`, the roots of its length being `w`: the first step goes to `y`, the next one to `z`,
/// and so on. `z` may be `x`. Returns where the result is.
static WIDE LINE FN(mixed)(LINE x, LINE y, LINE z, LINE w, int64_t n) {
  for (int64_t rest = n, done = 1; rest > 1;) {
    const int64_t r = FN(radix)(rest), m = rest / r;
    switch (r) {
    case 2: FN(step2)(x, y, w, done, m); break;
    case 3: FN(odd)(x, y, w, n, 3, done, m); break;
    case 4:
      if (done == 1) {
        FN(first4)(x, y, w, n, m);
      } else if (done == 4) {
        FN(step4)(x, y, w, n, 4, m);
      } else {
        FN(step4)(x, y, w, n, done, m);
      }
      break;
    case 5: FN(odd)(x, y, w, n, 5, done, m); break;
    default: FN(odd)(x, y, w, n, r, done, m);
    }
    x = y;
    y = z;
    z = x;
    rest = m;
    done *= r;
  }
  return x;
}

/// Whether all prime factors are small.
static int FN(is_smooth)(int64_t n) {
  for (int64_t r = 2; r <= LARGEST_RADIX; r++) {
    while (n > 0 && n % r == 0) { n /= r; }
  }
  return n <= 1;
}

static int64_t FN(convolved)(int64_t n) {
  int64_t m = 1;
  while (m < 2 * n - 1) { m *= 2; }
  return m;
}

/// What all lines of a batch have in common, at the beginning of `work`.
static void FN(prepare_fourier)(int32_t options, const int64_t *sizes, void *work) {
  const int64_t n = sizes[0];
  REAL *room = work;
  if (FN(is_smooth)(n)) {
    FN(roots)(FN(taken)(&room, n), n, options & 1);
    return;
  }
  // The chirp e^(∓πi k² / n), the roots of the longer transform, and the transform of the chirp.
  const int64_t m = FN(convolved)(n);
  const LINE chirp = FN(taken)(&room, n), root = FN(taken)(&room, m);
  const LINE kernel = FN(taken)(&room, m), spare = FN(taken)(&room, m);
  FN(roots)(spare, 2 * n, options & 1);
  // k² modulo 2 n, without its overflow.
  for (int64_t k = 0, square = 0; k < n; k++) {
    chirp.re[k] = spare.re[square];
    chirp.im[k] = spare.im[square];
    square = (square + 2 * k + 1) % (2 * n);
  }
  FN(roots)(root, m, 0);
  for (int64_t k = 0; k < m; k++) {
    const int64_t at = k < n ? k : m - k;
    kernel.re[k] = at < n ? chirp.re[at] : 0;
    kernel.im[k] = at < n ? -chirp.im[at] : 0;
  }
  const LINE result = FN(mixed)(kernel, spare, kernel, root, m);
  if (result.re != kernel.re) {
    memcpy(kernel.re, result.re, (size_t)m * sizeof(REAL));
    memcpy(kernel.im, result.im, (size_t)m * sizeof(REAL));
  }
}

/// sizes: n; buffers: real and imaginary parts, and those of the result. options: 1 the other sign.
/// work: with what `prepare_fourier` puts there 4 n for small factors, else 2 n + 8 m, m the first power
/// of two from 2 n - 1 on.
static void FN(fourier)(
    const gn_blas *blas, int32_t options, const int64_t *sizes, void *const *buffers, void *work) {
  (void)blas;
  (void)options;
  const int64_t n = sizes[0];
  const LINE in = {buffers[0], buffers[1]}, out = {buffers[2], buffers[3]};
  REAL *room = work;
  if (FN(is_smooth)(n)) {
    const LINE w = FN(taken)(&room, n), spare = FN(taken)(&room, n);
    const int64_t steps = FN(steps)(n);
    if (steps == 0) {
      memcpy(out.re, in.re, (size_t)n * sizeof(REAL));
      memcpy(out.im, in.im, (size_t)n * sizeof(REAL));
    } else if (steps & 1) {
      FN(mixed)(in, out, spare, w, n);
    } else {
      FN(mixed)(in, spare, out, w, n);
    }
    return;
  }
  // Y[k] = chirp[k] Σ (x[j] chirp[j]) conj(chirp[k - j])
  const int64_t m = FN(convolved)(n);
  const LINE chirp = FN(taken)(&room, n), root = FN(taken)(&room, m);
  const LINE kernel = FN(taken)(&room, m), x = FN(taken)(&room, m), y = FN(taken)(&room, m);
  for (int64_t k = 0; k < n; k++) {
    x.re[k] = in.re[k] * chirp.re[k] - in.im[k] * chirp.im[k];
    x.im[k] = in.re[k] * chirp.im[k] + in.im[k] * chirp.re[k];
  }
  memset(x.re + n, 0, (size_t)(m - n) * sizeof(REAL));
  memset(x.im + n, 0, (size_t)(m - n) * sizeof(REAL));
  LINE f = FN(mixed)(x, y, x, root, m);
  // The inverse transform is the conjugate of the transform of the conjugate.
  for (int64_t k = 0; k < m; k++) {
    const REAL a = f.re[k], b = f.im[k];
    f.re[k] = a * kernel.re[k] - b * kernel.im[k];
    f.im[k] = -(a * kernel.im[k] + b * kernel.re[k]);
  }
  f = FN(mixed)(f, f.re == x.re ? y : x, f, root, m);
  for (int64_t k = 0; k < n; k++) {
    const REAL a = f.re[k] / (REAL)m, b = -f.im[k] / (REAL)m;
    out.re[k] = a * chirp.re[k] - b * chirp.im[k];
    out.im[k] = a * chirp.im[k] + b * chirp.re[k];
  }
}

#undef LINE
#undef INDEPENDENT
#undef UNROLLED
#undef WIDE
#undef LARGEST_RADIX
