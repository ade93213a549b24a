#pragma once
#include <stdint.h>

/// Whether the C library has the function of this op in double precision.
int accuracy_has_reference(const char *_Nonnull op);

/// The largest error of `y[i]`, float32 results for the arguments with the bit patterns `start + i`, in
/// units of the last place of the true result, or of `near` where that is larger.
///
/// - Parameters:
///   - truth: the true results; the C library's by default.
///   - at: the argument of the largest error, left alone where none is above `worst`.
/// - Returns: the larger one of that error and `worst`.
double accuracy_worst(
    const char *_Nonnull op, uint32_t start, int64_t count, const float *_Nonnull y,
    const double *_Nullable truth, double near, double worst, uint32_t *_Nonnull at);
