internal import GnomonIR
internal import GnomonKernels
internal import GnomonTensors

extension ExportedInterface {
  /// The C that users call.
  var source: String {
    """
    #include "\(name).h"

    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>

    #include "gnomon_runtime.h"

    #define EXPORTED __attribute__((visibility("default")))

    \(sizeCheck)
    \(targetTable)
    \(choice)
    \(state)
    \(call)
    """
  }

  private var upper: String { name.uppercased() }

  /// An initializer; C has no empty arrays, so that of none is a zero.
  private func list(_ elements: [String]) -> String {
    "{" + (elements.isEmpty ? "0" : elements.joined(separator: ", ")) + "}"
  }

  // MARK: - Which program runs

  private var targetTable: String {
    var text = data.bytes.isEmpty ? "" : "extern const char \(name)_data[];\n"
    var rows = ""
    for (target, places) in zip(targets, data.constants) {
      let symbols = symbols(target)
      text += """
        int32_t \(symbols.entry)(const gn_context *, void *const *, const int64_t *);
        int64_t \(symbols.workspace)(const gn_context *, const int64_t *);

        """
      rows += """
          {"\(target.name)", \(symbols.entry), \(symbols.workspace), \(places.count), \
        \(list(places.map(String.init)))},

        """
    }
    return text + """

      // The program for one instruction set, and where in the data its constants lie.
      typedef struct {
        const char *name;
        gn_entry entry;
        int64_t (*workspace)(const gn_context *, const int64_t *);
        int constant_count;
        int64_t constants[\(max(1, data.constants.map(\.count).max() ?? 0))];
      } target;

      // The best first.
      static const target targets[] = {
      \(rows)};

      enum { TARGETS = sizeof targets / sizeof targets[0] };

      """
  }

  private var choice: String {
    """
    // Whether the CPU has what a target needs.
    static int is_supported(int number) {
    #if defined(__x86_64__)
      __builtin_cpu_init();
    #endif
      switch (number) {
    \(targets.enumerated().map { "  case \($0): return \($1.condition);\n" }.joined())\
      default: return 0;
      }
    }

    // What runs; chosen when the library is loaded.
    static const target *chosen;

    __attribute__((constructor)) static void choose(void) {
      for (int i = TARGETS - 1; i >= 0; --i) {
        if (is_supported(i)) { chosen = &targets[i]; }
      }
    }

    EXPORTED const char *\(name)_target(void) { return chosen ? chosen->name : NULL; }

    EXPORTED int \(name)_use_target(const char *wanted) {
      for (int i = 0; i < TARGETS; ++i) {
        if (strcmp(targets[i].name, wanted) == 0 && is_supported(i)) {
          chosen = &targets[i];
          return 0;
        }
      }
      return -1;
    }

    """
  }

  // MARK: - What calls share

  private var state: String {
    let spare = updated.indices.filter(isSeparate).map { variables[updated[$0]].type }
    let bytes = (variables.map(\.type) + spare).map { type in
      "\(type.dtype.byteCount * type.shape.reduce(1) { $0 * ($1.constant ?? 0) })"
    }
    let buffers =
      inputs.count + variables.count + outputs.count + updated.count
      + (data.constants.map(\.count).max() ?? 0)
    let contents = data.initial.map(String.init)
    return """
      // Variables first, then memory for the new values of those that are written beside the old ones.
      enum {
        INPUTS = \(inputs.count),
        OUTPUTS = \(outputs.count),
        VARIABLES = \(variables.count),
        MEMORIES = \(bytes.count),
        UPDATES = \(updated.count),
        BUFFERS = \(max(1, buffers)),
      };

      static const int64_t memory_bytes[] = \(list(bytes));
      static const int64_t initial_values[] = \(list(contents));

      struct \(name) {
        int threads;
        char *workspace;
        int64_t workspace_bytes;
        void *memories[MEMORIES + 1];
        char message[192];
      };

      // Memory that begins a cache line, at least one line of it.
      static void *lines(int64_t bytes) {
        return aligned_alloc(64, (size_t)(bytes / 64 * 64 + 64));
      }

      EXPORTED void \(name)_destroy(\(name) *function) {
        if (!function) { return; }
        for (int i = 0; i < MEMORIES; ++i) { free(function->memories[i]); }
        free(function->workspace);
        free(function);
      }

      EXPORTED \(name) *\(name)_create(int threads) {
        if (!chosen) { return NULL; }
        \(name) *function = calloc(1, sizeof *function);
        if (!function) { return NULL; }
        function->threads = threads < 1 ? 1 : threads;
        for (int i = 0; i < MEMORIES; ++i) {
          function->memories[i] = lines(memory_bytes[i]);
          if (!function->memories[i]) {
            \(name)_destroy(function);
            return NULL;
          }
      \(variables.isEmpty ? "" : """
            if (i < VARIABLES) {
              memcpy(function->memories[i], \(name)_data + initial_values[i], (size_t)memory_bytes[i]);
            }

        """)\
        }
        (void)initial_values;
        return function;
      }

      EXPORTED void *\(name)_variable(\(name) *function, int number) {
        return number >= 0 && number < VARIABLES ? function->memories[number] : NULL;
      }

      EXPORTED const char *\(name)_message(const \(name) *function) { return function->message; }

      """
  }

  // MARK: - A call

  private var checks: [String] {
    program.checks.map { point in
      switch point.check {
      case .index: "an index is out of range"
      case .isTrue(let message): message
      case .isFinite(let op, _): "\(op) gives a number that is not finite"
      }
    }
  }

  /// A literal of C with these characters.
  private func quoted(_ text: String) -> String {
    "\""
      + text.utf8.map { byte in
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
        case 0x20..<0x7F: String(UnicodeScalar(byte))
        default:
          // Three octal digits end by themselves, whatever follows.
          "\\" + String(byte >> 6) + String(byte >> 3 & 7) + String(byte & 7)
        }
      }.joined() + "\""
  }

  private var call: String {
    // Where each update's new value goes: the variable's own memory, or the next spare one.
    var spare = variables.count
    var places: [Int] = []
    for (update, variable) in updated.enumerated() {
      places.append(isSeparate(update) ? spare : variable)
      if isSeparate(update) { spare += 1 }
    }
    let swaps = zip(updated, places).filter { $0 != $1 }.map { variable, place in
      """
        swap(&function->memories[\(variable)], &function->memories[\(place)]);

      """
    }
    let constant = data.bytes.isEmpty ? "NULL" : "(void *)(\(name)_data + chosen->constants[i])"
    let isIndex = program.checks.map { point in
      if case .index = point.check { "1" } else { "0" }
    }
    return """
      static const int updated_memories[] = \(list(places.map(String.init)));

      static const char *const checks[] = \(list(checks.map(quoted)));
      static const char checks_index[] = \(list(isIndex));

      static int fail(\(name) *function, int kind, const char *message) {
        snprintf(function->message, sizeof function->message, "%s", message);
        return kind;
      }

      \(swaps.isEmpty ? "" : """
        static void swap(void **a, void **b) {
          void *old = *a;
          *a = *b;
          *b = old;
        }


        """)\
      EXPORTED int \(name)_run(
          \(name) *function, const void *const *inputs, void *const *outputs, const int64_t *sizes) {
        function->message[0] = 0;
        if (!sizes_hold(sizes)) {
          return fail(function, \(upper)_SIZES, "the sizes are negative or do not fit together");
        }
        gn_error error = {0};
        gn_context context = {
            .version = GN_CONTEXT_VERSION, .threads = function->threads, .parallel = gn_parallel,
            .error = &error\(targets.contains { $0.program.usesRoutines } ? ", .routine = gn_routine" : "")};
        const int64_t bytes = chosen->workspace(&context, sizes);
        if (!function->workspace || bytes > function->workspace_bytes) {
          free(function->workspace);
          function->workspace = lines(bytes);
          function->workspace_bytes = bytes;
          if (!function->workspace) {
            return fail(function, \(upper)_MEMORY, "there is no memory for the workspace");
          }
        }
        context.arena = function->workspace;

        void *buffers[BUFFERS] = {0};
        int at = 0;
        for (int i = 0; i < INPUTS; ++i) { buffers[at++] = (void *)inputs[i]; }
        for (int i = 0; i < VARIABLES; ++i) { buffers[at++] = function->memories[i]; }
        for (int i = 0; i < chosen->constant_count; ++i) { buffers[at++] = \(constant); }
        for (int i = 0; i < OUTPUTS; ++i) { buffers[at++] = outputs[i]; }
        for (int i = 0; i < UPDATES; ++i) { buffers[at++] = function->memories[updated_memories[i]]; }
        chosen->entry(&context, buffers, sizes);

        if (error.kind != 0) {
          const int number = error.location;
          if (number < 0 || number >= \(program.checks.count)) {
            return fail(function, \(upper)_FAILED, "a check failed");
          }
          if (!checks_index[number]) { return fail(function, \(upper)_FAILED, checks[number]); }
          snprintf(
              function->message, sizeof function->message, "%s: %lld at position %lld",
              checks[number], (long long)error.values[0], (long long)error.values[1]);
          return \(upper)_FAILED;
        }
      \(swaps.joined())\
        return \(upper)_OK;
      }

      """
  }
}
