public import GnomonIR
package import GnomonTensors

/// The tensor itself, whose derivative is multiplied by a factor on its way back.
///
///     let reversed = scaleGradient(features, by: -0.1)      // the adversary of domain adaptation
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - factor: a number, or a tensor that broadcasts to the shape of `x`.
@_transparent public func scaleGradient(_ x: Expr, by factor: Expr) -> Expr {
  _customGradient([x], .here(), { $0 }) { _, _, upstream in [upstream[0] * factor] }[0]
}

/// The tensor itself, whose derivative is clipped element by element on its way back.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - low: the least derivative that passes; what lies below becomes it.
///   - high: the largest one.
@_transparent public func clipGradient(_ x: Expr, low: Expr, high: Expr) -> Expr {
  _customGradient([x], .here(), { $0 }) { _, _, upstream in [clip(upstream[0], low, high)] }[0]
}

/// The tensor itself, through which no derivative may pass: asking for one is a mistake (G0034) with
/// your message.
///
///     let index = undefinedGradient(softIndex, "the index is not trained")
///
/// - Parameters:
///   - x: any tensor.
///   - message: why there is none; the diagnostic says it.
@_transparent public func undefinedGradient(_ x: Expr, _ message: String) -> Expr {
  _undefinedGradient(x, message, .here())
}

@usableFromInline func _undefinedGradient(_ x: Expr, _ message: String, _ at: Location) -> Expr {
  .make(UndefinedGradient(message: message), [x], at: at)
}

package struct UndefinedGradient: Op {
  package static let mnemonic = "undefined_gradient"
  package static let summary = "The operand, of which asking for a derivative is a mistake."

  /// What the mistake says.
  package var message: String
  package init(message: String) { self.message = message }

  package var facts: Facts { Facts(isFree: true, isCheap: true, isIdentity: true) }

  package func resultTypes(_ context: inout TypeContext) -> [TensorType] { [context[0]] }

  package func gradient(_ c: GradientContext) throws -> [Expr?] {
    throw Refusal(.noGradient, message, help: "stopGradient(x) passes no derivative in silence")
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) -> [Tensor] {
    operands
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .view(IndexMap(operands[0].shape.indices.map { .axis($0) }))
  }
}
