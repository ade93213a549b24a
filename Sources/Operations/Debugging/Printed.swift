public import GnomonIR
package import GnomonTensors

/// The tensor itself, shown on standard output whenever the function computes it: the label and the
/// elements, as NumPy prints them.
///
///     let logits = printed(matmul(h, w) + b, "logits")
///
/// Only what is used is computed, and so shown; equal values under one label are shown once. Within a
/// loop there is a line for each step. `CompileOptions.print` takes the lines instead.
///
/// - Parameters:
///   - x: any tensor.
///   - label: what the line begins with.
@_transparent public func printed(_ x: Expr, _ label: String) -> Expr {
  _printed(x, label, .here())
}

@usableFromInline func _printed(_ x: Expr, _ label: String, _ at: Location) -> Expr {
  .make(Printed(label: label), [x], at: at)
}

/// The operand, shown to the user.
package struct Printed: Op {
  package static let mnemonic = "print"
  package static let summary = "The operand, shown to the user when it is computed."

  package var label: String
  package init(label: String) { self.label = label }

  // It does something: passes must neither fold it nor move it out of a loop.
  package var facts: Facts { Facts(canFail: true, isCheckOnly: true) }

  package func resultTypes(_ context: inout TypeContext) -> [TensorType] { [context[0]] }

  package func gradient(_ c: GradientContext) -> [Expr?] { c.upstream }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) -> [Tensor] {
    context.print(Printed.line(label, operands[0]))
    return operands
  }

  /// What the user sees.
  package static func line(_ label: String, _ tensor: Tensor) -> String {
    "\(label): \(tensor.dtype) \(tensor.shape)\(tensor.rank > 1 ? "\n" : " ")\(tensor)"
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .print(label: label)
  }
}
