internal import GnomonIR
internal import GnomonTensors

// What functions made of elementwise formulas share: literals take the dtype of the others, floats
// are required, and half floats are computed in float32 and rounded once.
extension Expr {
  /// A formula of one floating-point tensor.
  static func elementwise(
    _ name: String, _ x: Expr, _ at: Location, _ formula: (Expr) -> Expr
  ) -> Expr { elementwise(name, [x], at) { formula($0[0]) } }

  /// A formula of two floating-point tensors.
  static func elementwise(
    _ name: String, _ x: Expr, _ y: Expr, _ at: Location, _ formula: (Expr, Expr) -> Expr
  ) -> Expr { elementwise(name, [x, y], at) { formula($0[0], $0[1]) } }

  /// A formula of floating-point tensors of one dtype.
  static func elementwise(
    _ name: String, _ operands: [Expr], _ at: Location, _ formula: ([Expr]) -> Expr
  ) -> Expr {
    switch prepared(name, operands, at) {
    case .refused(let bad): return bad
    case .ready(let x, let dtype):
      return at.serving(name) {
        formula(x.map { $0.cast(to: dtype.computeType) }).cast(to: dtype)
      }
    }
  }

  /// A question about each element of floating-point tensors.
  static func truths(
    _ name: String, _ x: Expr, _ at: Location, _ formula: (Expr) -> Expr
  ) -> Expr {
    switch prepared(name, [x], at) {
    case .refused(let bad): bad
    case .ready(let x, let dtype):
      at.serving(name) { formula(x[0].cast(to: dtype.computeType)) }
    }
  }

  /// A question about each pair of elements of two floating-point tensors.
  static func truths(
    _ name: String, _ x: Expr, _ y: Expr, _ at: Location, _ formula: (Expr, Expr) -> Expr
  ) -> Expr {
    switch prepared(name, [x, y], at) {
    case .refused(let bad): bad
    case .ready(let x, let dtype):
      at.serving(name) {
        formula(x[0].cast(to: dtype.computeType), x[1].cast(to: dtype.computeType))
      }
    }
  }

  private enum Prepared {
    case ready([Expr], DType)
    case refused(Expr)
  }

  private static func prepared(
    _ name: String, _ operands: [Expr], _ at: Location
  ) -> Prepared {
    let dtype = operands.first { $0.literalValue == nil }?.dtype ?? .float32
    let x = operands.map { $0.settled(dtype) }
    if x.contains(where: \.isInvalid) {
      return .refused(.refused(Refusal(.dtypeNotSupported, ""), name, x, at: at))
    }
    for e in x { if let bad = floatsOnly(e, name, at) { return .refused(bad) } }
    if let odd = x.first(where: { $0.dtype != dtype }) {
      return .refused(
        .refused(
          Refusal(
            .dtypeMismatch, "the operands have different dtypes: \(dtype) and \(odd.dtype)",
            help: "cast one of them: y.cast(to: .\(dtype))"), name, x, at: at))
    }
    return .ready(x, dtype)
  }
}
