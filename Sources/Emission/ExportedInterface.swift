internal import GnomonCSyntax
package import GnomonIR
package import GnomonKernels
package import GnomonTensors

/// What is around the programs of an exported function: the C that users call, which chooses among
/// the programs, and the header that declares it.
package struct ExportedInterface {
  /// The program for one instruction set.
  package struct Target {
    /// The set's name, as users of the library give it.
    package var name: String
    /// A C expression that is true where the CPU has the set.
    package var condition: String
    package var program: Program

    package init(name: String, condition: String, program: Program) {
      self.name = name
      self.condition = condition
      self.program = program
    }
  }

  package struct Value {
    package var name: String
    package var type: TensorType

    package init(name: String, type: TensorType) {
      self.name = name
      self.type = type
    }
  }

  let name: String
  let inputs: [Value]
  let outputs: [TensorType]
  let variables: [Value]
  let requirements: [Requirement]
  /// The best first.
  package let targets: [Target]
  let data: ExportedData

  /// - Parameters:
  ///   - name: a C identifier.
  ///   - initial: what the variables hold when a program begins.
  package init(
    name: String, inputs: [Value], variables: [Value], initial: [Tensor],
    requirements: [Requirement], targets: [Target]
  ) {
    self.name = name
    self.inputs = inputs
    self.variables = variables
    self.requirements = requirements
    self.targets = targets
    outputs = targets[0].program.outputTypes
    data = ExportedData(initial: initial, constants: targets.map(\.program.constants))
  }

  /// The names that a target's functions have in the library.
  package func symbols(_ target: Target) -> ProgramSymbols {
    let suffix = String(target.name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
    return ProgramSymbols(prefix: "\(name)_\(suffix)", areVisible: false)
  }

  var program: Program { targets[0].program }

  /// The variables that a call gives new values, by the number of the update.
  var updated: [Int] { program.updates.map(\.variable) }

  /// Whether an update is written beside the old value by some target, which all others can do too.
  func isSeparate(_ update: Int) -> Bool {
    targets.contains { $0.program.updates[update].memory == .separate }
  }

  /// The files of the interface, by name.
  package var files: [(name: String, bytes: [UInt8], isCompiled: Bool)] {
    var files = [
      ("\(name).h", Array(header.utf8), false), ("\(name).c", Array(source.utf8), true),
    ]
    if !data.bytes.isEmpty {
      files.append(("\(name)_data.S", Array(data.assembly(name).utf8), true))
      files.append(("\(name).data", data.bytes, false))
    }
    return files
  }

  // MARK: - The header

  var header: String {
    let upper = name.uppercased()
    var text = """
      // \(name), exported by Gnomon.
      //
      // Arrays are row-major and dense, in the machine's byte order.
      //

      """
    func list(_ title: String, _ values: [String]) {
      for (i, value) in values.enumerated() {
        text += "// \(title)[\(i)]: \(CPrinter.commentText(value))\n"
      }
    }
    list("sizes", program.dimensionNames)
    list("inputs", inputs.map { "\($0.name), \($0.type)" })
    list("outputs", outputs.map(\.description))
    list("variable ", variables.map { "\($0.name), \($0.type)" })
    list("target ", targets.map(\.name))
    text += """
      #ifndef \(upper)_H
      #define \(upper)_H

      #include <stdint.h>

      #ifdef __cplusplus
      extern "C" {
      #endif

      // What a call returns.
      enum {
        \(upper)_OK = 0,
        // The sizes are negative or do not fit together.
        \(upper)_SIZES = 1,
        // There is no memory for the workspace.
        \(upper)_MEMORY = 2,
        // A check failed, such as that of an index; variables are as before.
        \(upper)_FAILED = 3,
      };

      // The function with the values of its variables and its workspace. One thread at a time may use it;
      // several may exist.
      typedef struct \(name) \(name);

      // A new one, whose calls use `threads` threads; it has the same results for any number. NULL where
      // memory is short, or no target of the library suits the CPU.
      \(name) *\(name)_create(int threads);
      void \(name)_destroy(\(name) *function);

      // Runs it. `sizes` holds the values of the named dimensions above; it is not read if there are none.
      int \(name)_run(\(name) *function, const void *const *inputs, void *const *outputs, const int64_t *sizes);

      // What went wrong in the last call, in words.
      const char *\(name)_message(const \(name) *function);

      // The memory of a variable, to read or write between two calls; it may be another after a call.
      void *\(name)_variable(\(name) *function, int number);

      // The target that runs: the first of those above that the CPU has. NULL if it has none.
      const char *\(name)_target(void);

      // Makes another target run, in functions that exist as well; no call may be under way. Returns 0, or
      // -1 if the library has no such target or the CPU lacks it.
      int \(name)_use_target(const char *target);

      #ifdef __cplusplus
      }
      #endif
      #endif

      """
    return text
  }

  // MARK: - Sizes

  /// The function that tells whether sizes are possible.
  var sizeCheck: String {
    let order = program.dimensionNames
    let names = CNames.unique(order, prefix: "n_")
    func size(_ d: Dim) -> CExpression { CIndex.expression(d) { names[$0] ?? "0" } }
    var body: [CStatement] = []
    for (i, n) in order.enumerated() {
      body.append(.declare("const int64_t", names[n]!, .subscripted("sizes", .integer(i))))
      body.append(.conditional(.binary("<", .name(names[n]!), 0), [.returned(0)], otherwise: []))
    }
    if order.isEmpty { body.append(.expression(.cast("void", "sizes"))) }
    for r in requirements {
      let (left, right) = (size(r.left), size(r.right))
      let fails: CExpression =
        switch r.relation {
        case .equal: .binary("!=", left, right)
        case .atLeast: .binary("<", left, right)
        case .divides:
          .binary("||", .binary("==", left, 0), .binary("!=", .binary("%", right, left), 0))
        }
      body.append(.conditional(fails, [.returned(0)], otherwise: []))
    }
    body.append(.returned(1))
    var printer = CPrinter()
    printer.function(
      CFunction(
        comment: ["Whether the named dimensions can have these sizes."], result: "int",
        name: "sizes_hold", parameters: [("const int64_t *", "sizes")], body: body))
    let helpers = Prelude.functions.filter {
      $0.name != "gn_report" && printer.text.containsBytes(of: $0.name + "(")
    }
    return helpers.map { $0.text + "\n\n" }.joined() + printer.text
  }
}
