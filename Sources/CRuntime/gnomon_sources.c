// The texts of the runtime's own files, which exported functions carry. Not part of exported
// libraries.
#include "gnomon_runtime.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const char header[] = {
#embed "include/gnomon_runtime.h"
    , 0};
static const char runtime[] = {
#embed "gnomon_runtime.c"
    , 0};
static const char dense[] = {
#embed "gnomon_dense.c"
    , 0};
static const char factorizations[] = {
#embed "dense_factorizations.h"
    , 0};
static const char spectra[] = {
#embed "dense_spectra.h"
    , 0};
static const char schur[] = {
#embed "dense_schur.h"
    , 0};
static const char fourier[] = {
#embed "dense_fourier.h"
    , 0};

static const gn_source sources[] = {
    {"gnomon_runtime.h", header, 0},
    {"gnomon_runtime.c", runtime, 0},
    {"gnomon_dense.c", dense, 1},
    {"dense_factorizations.h", factorizations, 1},
    {"dense_spectra.h", spectra, 1},
    {"dense_schur.h", schur, 1},
    {"dense_fourier.h", fourier, 1},
};

int gn_source_count(void) { return sizeof sources / sizeof sources[0]; }

const gn_source *gn_source_file(int index) { return &sources[index]; }
