// Errors of float32 functions, held against the C library's functions of double precision.
#include "accuracy_reference.h"

#include <math.h>
#include <string.h>

static double sigmoid(double x) {
  return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}
static double softplus(double x) { return fmax(x, 0) + log1p(exp(-fabs(x))); }
static double reciprocal_root(double x) { return 1 / sqrt(x); }

static const struct {
  const char *op;
  double (*function)(double);
} functions[] = {
    {"exp", exp},         {"expm1", expm1},     {"log", log},           {"log1p", log1p},
    {"sin", sin},         {"cos", cos},         {"tan", tan},           {"tanh", tanh},
    {"asin", asin},       {"acos", acos},       {"atan", atan},         {"sinh", sinh},
    {"cosh", cosh},       {"asinh", asinh},     {"acosh", acosh},       {"atanh", atanh},
    {"exp2", exp2},       {"log2", log2},       {"log10", log10},       {"cbrt", cbrt},
    {"sqrt", sqrt},       {"floor", floor},     {"ceil", ceil},         {"truncate", trunc},
    {"round", nearbyint}, {"erf", erf},         {"erfc", erfc},         {"gamma", tgamma},
    {"bessel_j0", j0},    {"bessel_j1", j1},    {"log_gamma", lgamma},  {"sigmoid", sigmoid},
    {"softplus", softplus}, {"rsqrt", reciprocal_root},
};

static double (*function_of(const char *op))(double) {
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    if (strcmp(functions[i].op, op) == 0) { return functions[i].function; }
  }
  return 0;
}

int accuracy_has_reference(const char *op) { return function_of(op) != 0; }

/// In units of the last place of `t`; infinity is what comes after the largest number. Without branches, as
/// compilers make vectors of it.
static inline double error(float y, double t, double near) {
  const double v = isinf(y) ? copysign(0x1p128, y) : y;
  const double true_value = fabs(t) > 0x1p128 ? copysign(0x1p128, t) : t;
  double size = fabs(true_value);
  size = size > near ? size : near;
  size = size > 0x1p-126 ? size : 0x1p-126;
  size = size < 0x1.fffffep127 ? size : 0x1.fffffep127;
  // Its power of two.
  uint64_t bits;
  memcpy(&bits, &size, sizeof bits);
  bits &= 0x7FF0000000000000u;
  memcpy(&size, &bits, sizeof bits);
  const double distance = fabs(v - true_value) / (size * 0x1p-23);
  const int is_wrong = (isnan(t) != 0) != (isnan(y) != 0) ||
                       (near == 0 && t == 0 && (y != 0 || !signbit(y) != !signbit(t)));
  return is_wrong ? INFINITY : isnan(t) ? 0 : distance;
}

#define BLOCK 1024

double accuracy_worst(
    const char *op, uint32_t start, int64_t count, const float *y, const double *truth,
    double near, double worst, uint32_t *at) {
  double (*f)(double) = function_of(op);
  double own[BLOCK], errors[BLOCK];
  for (int64_t first = 0; first < count; first += BLOCK) {
    const int n = count - first < BLOCK ? (int)(count - first) : BLOCK;
    const double *t = truth ? truth + first : own;
    for (int i = 0; i < n && !truth; i++) {
      const uint32_t pattern = start + (uint32_t)(first + i);
      float x;
      memcpy(&x, &pattern, sizeof x);
      own[i] = f((double)x);
    }
    for (int i = 0; i < n; i++) { errors[i] = error(y[first + i], t[i], near); }
    for (int i = 0; i < n; i++) {
      if (errors[i] <= worst) { continue; }
      worst = errors[i];
      *at = start + (uint32_t)(first + i);
    }
  }
  return worst;
}
