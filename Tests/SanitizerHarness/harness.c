// Runs one emitted program on data from a file, each buffer a piece of heap of its own, so that a
// sanitizer sees every access outside. Usage: harness INPUT OUTPUT.
//
// INPUT, 64-bit words: threads, number of dimension sizes, the sizes, number of buffers, and for
// each: the index of the buffer whose memory it shares or -1, its bytes, whether content follows,
// the content. OUTPUT: the error's kind and first three values, then the content of each buffer.
#define _POSIX_C_SOURCE 200112L  // posix_memalign

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gnomon_runtime.h"

int32_t gn_entry_of_program(const gn_context *, void *const *, const int64_t *) __asm__("gn_entry");
int64_t gn_workspace_of_program(const gn_context *, const int64_t *) __asm__("gn_workspace");

static FILE *input;

static void read_bytes(void *to, size_t count) {
  if (count && fread(to, 1, count, input) != count) exit(3);
}

static int64_t read_word(void) {
  int64_t word;
  read_bytes(&word, sizeof word);
  return word;
}

static void *memory(size_t bytes) {
  void *result = NULL;
  if (posix_memalign(&result, 64, bytes)) exit(4);
  memset(result, 0xA5, bytes);  // what nobody has written must not look like zeros
  return result;
}

int main(int count, char **arguments) {
  if (count != 3 || !(input = fopen(arguments[1], "rb"))) return 2;
  gn_error error = {0};
  gn_context context = {.version = GN_CONTEXT_VERSION, .parallel = gn_parallel, .error = &error};
  context.threads = (int32_t)read_word();
  int64_t dimensions = read_word();
  int64_t *sizes = calloc((size_t)dimensions + 1, sizeof *sizes);
  for (int64_t i = 0; i < dimensions; ++i) sizes[i] = read_word();
  int64_t buffers = read_word();
  void **pointers = calloc((size_t)buffers + 1, sizeof *pointers);
  size_t *bytes = calloc((size_t)buffers + 1, sizeof *bytes);
  for (int64_t i = 0; i < buffers; ++i) {
    int64_t shared = read_word();
    bytes[i] = (size_t)read_word();
    int64_t has_content = read_word();
    // A tensor's memory is a multiple of 64 bytes and never none.
    size_t room = bytes[i] ? (bytes[i] + 63) / 64 * 64 : 64;
    pointers[i] = shared >= 0 ? pointers[shared] : memory(room);
    if (has_content) read_bytes(pointers[i], bytes[i]);
  }
  context.arena = memory((size_t)gn_workspace_of_program(&context, sizes));
  gn_entry_of_program(&context, pointers, sizes);

  FILE *output = fopen(arguments[2], "wb");
  if (!output) return 5;
  int64_t head[4] = {error.kind, error.values[0], error.values[1], error.values[2]};
  fwrite(head, sizeof head, 1, output);
  for (int64_t i = 0; i < buffers; ++i) fwrite(pointers[i], 1, bytes[i], output);
  return fclose(output) ? 6 : 0;
}
