public import GnomonIR
internal import GnomonTensors

/// A computation whose derivative you state.
///
///     let y = customGradient(x) { log(1 + exp($0)) } gradient: { x, y, upstream in
///       upstream * sigmoid(x)
///     }
///
/// Forward derivatives follow from the rule, and derivatives of a higher order differentiate it. Only
/// what is handed in has a derivative: a value from outside that `value` captures is a constant to it.
///
/// - Parameters:
///   - x: any tensor.
///   - value: the computation.
///   - gradient: from the operand, the value and the derivative of the loss with respect to the value,
///     that with respect to the operand, of its type.
@_transparent public func customGradient(
  _ x: Expr, value: (Expr) -> Expr,
  gradient: (_ x: Expr, _ value: Expr, _ upstream: Expr) -> Expr
) -> Expr {
  _customGradient([x], .here(), { [value($0[0])] }) { [gradient($0[0], $1[0], $2[0])] }[0]
}

/// A computation of several values with several results, whose derivative you state.
///
/// - Parameters:
///   - xs: tensors.
///   - value: the computation.
///   - gradient: from the operands, the values and the derivatives of the loss with respect to the
///     values, those with respect to the operands, in their order; for integers anything.
@_transparent public func customGradient(
  _ xs: [Expr], value: ([Expr]) -> [Expr],
  gradient: (_ xs: [Expr], _ values: [Expr], _ upstream: [Expr]) -> [Expr]
) -> [Expr] { _customGradient(xs, .here(), value, gradient) }

/// A computation whose derivative in a direction you state.
///
///     let y = customTangent(x) { exp($0) } tangent: { x, y, direction in y * direction }
///
/// The tangent is linear in the direction, so that its transpose serves the reverse sweep.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - value: the computation.
///   - tangent: from the operand, the value and a direction of the operand's type, how the value moves.
@_transparent public func customTangent(
  _ x: Expr, value: (Expr) -> Expr,
  tangent: (_ x: Expr, _ value: Expr, _ direction: Expr) -> Expr
) -> Expr {
  _customTangent([x], .here(), { [value($0[0])] }) { [tangent($0[0], $1[0], $2[0])] }[0]
}

/// A computation of several values with several results, whose derivative in a direction you state.
///
/// - Parameters:
///   - xs: floating-point tensors.
///   - value: the computation.
///   - tangent: from the operands, the values and a direction for each operand, how each value moves.
@_transparent public func customTangent(
  _ xs: [Expr], value: ([Expr]) -> [Expr],
  tangent: (_ xs: [Expr], _ values: [Expr], _ directions: [Expr]) -> [Expr]
) -> [Expr] { _customTangent(xs, .here(), value, tangent) }

@usableFromInline func _customGradient(
  _ xs: [Expr], _ at: Location, _ value: ([Expr]) -> [Expr],
  _ gradient: ([Expr], [Expr], [Expr]) -> [Expr]
) -> [Expr] {
  CustomRule("customGradient", xs, at, value).made { operands, values, upstream in
    let slopes = gradient(operands, values, upstream)
    guard slopes.count == operands.count else {
      throw Refusal(
        .customRule, "the rule gives \(slopes.count) derivatives for \(operands.count) operands",
        help: "give one for each operand, in their order")
    }
    return slopes
  }
}

@usableFromInline func _customTangent(
  _ xs: [Expr], _ at: Location, _ value: ([Expr]) -> [Expr],
  _ tangent: ([Expr], [Expr], [Expr]) -> [Expr]
) -> [Expr] {
  let xs = xs.map { $0.settled() }
  if let bad = xs.first(where: { !$0.isInvalid && !$0.dtype.isFloat }) {
    let e = Expr.refused(
      Refusal(
        .integerVariable, "{0} is \(bad.dtype); a derivative needs a floating-point value",
        help: "cast it: {0}.cast(to: .float32)"), "customTangent", [bad], at: at)
    return value(xs).map { _ in e }
  }
  return CustomRule("customTangent", xs, at, value).made { operands, values, upstream in
    let directions = operands.map { Expr.regionParameter($0.type, "direction", at: at) }
    let moves = tangent(operands, values, directions).enumerated().map { i, m in
      i < values.count ? m.settled(values[i].dtype) : m
    }
    if let bad = moves.first(where: \.isInvalid) { return operands.map { _ in bad } }
    guard moves.map(\.type) == values.map(\.type) else {
      throw Refusal(
        .customRule, "the tangents have not the types of the values",
        help: "give one for each value, of its dtype and shape")
    }
    let slopes = try reverseSweep(outputs: moves, upstream: upstream, inputs: directions)
    if directions.contains(where: { Expr.depend(slopes.compactMap(\.self), on: $0) }) {
      throw Refusal(
        .customRule, "the tangent is not linear in the direction",
        help: "a tangent is a sum of products of derivatives and directions")
    }
    return zip(slopes, operands).map { $0 ?? zeros(like: $1) }
  }
}

/// The making of a computation with a rule of its own.
private struct CustomRule {
  let name: String
  let at: Location
  let loop: LoopBuilder
  let xs: [Expr]
  let operands: [Expr]
  let values: [Expr]

  init(_ name: String, _ xs: [Expr], _ at: Location, _ value: ([Expr]) -> [Expr]) {
    self.name = name
    self.at = at
    loop = LoopBuilder(name, at)
    let known = xs.first { $0.literalValue == nil && !$0.isInvalid }?.dtype ?? .float32
    self.xs = xs.map { $0.settled(known) }
    operands = self.xs.enumerated().map { [loop] in loop.parameter($1, "operand \($0)") }
    values = value(operands).map { $0.settled(known) }
  }

  /// The results, with the rule that `slopes` gives from operands, values and upstream derivatives.
  func made(_ slopes: ([Expr], [Expr], [Expr]) throws -> [Expr]) -> [Expr] {
    func all(_ e: Expr) -> [Expr] { values.isEmpty ? [e] : values.map { _ in e } }
    func refused(_ refusal: Refusal) -> [Expr] { all(.refused(refusal, name, xs, at: at)) }
    if let invalid = loop.invalid(xs + values) { return all(invalid) }
    if values.isEmpty { return all(loop.nothing) }
    let given = values.map { loop.parameter($0, "value") }
    let upstream = values.map { loop.parameter($0, "derivative") }
    do {
      let found = try slopes(operands, given, upstream)
      var derivatives: [Expr] = []
      for (d, x) in zip(found, xs) where x.dtype.isFloat {
        let d = d.settled(x.dtype)
        if d.isInvalid { return all(d) }
        guard d.type == x.type else {
          return all(
            .refused(
              Refusal(
                .customRule, "the derivative is \(d.type), its operand `{1}` \(x.type)",
                help: "it must be \(x.dtype) \(x.shape)"), name, [d, x], at: at))
        }
        derivatives.append(d)
      }
      let captures = loop.captures(of: values + derivatives)
      let results = Expr.apply(
        CustomGradient(differentiable: xs.count), xs + captures,
        regions: [
          Body(parameters: operands + captures, results: values),
          Body(parameters: operands + captures + given + upstream, results: derivatives),
        ], at: at)
      return results.count == values.count ? results : all(results[0])
    } catch let refusal as Refusal {
      return refused(refusal)
    } catch let error as GnomonError {
      return all(error.diagnostics.first.map(Expr.invalid) ?? values[0])
    } catch {
      preconditionFailure("\(error)")
    }
  }
}

extension Expr {
  /// Whether one of the expressions depends on a value.
  static func depend(_ roots: [Expr], on value: Expr) -> Bool {
    var seen: Set<ObjectIdentifier> = []
    var pending = roots
    while let e = pending.popLast() {
      if e.id == value.id { return true }
      guard e.node.sequence > value.node.sequence, seen.insert(ObjectIdentifier(e.node)).inserted
      else { continue }
      pending += e.node.operands
    }
    return false
  }
}
