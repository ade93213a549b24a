package import GnomonIR
package import GnomonScalars
package import GnomonTensors

/// An op whose result element depends on the same element of each operand.
///
/// Operands broadcast: shapes are aligned at their last axes, and an axis that is the literal 1, or
/// missing, is repeated. The family supplies the type rule, the reference loop and the lowering; an
/// op of the family says what one element is.
package protocol ElementwiseOp: Op {
  /// The dtype of the result, or the refusal of the operands' dtypes.
  func resultDType(_ dtypes: [DType]) throws(Refusal) -> DType

  /// The meaning on floats (half floats and float32 are computed in double and rounded once).
  func reference(_ x: [Double]) -> Double
  /// The meaning on integers and bools, wrapped to the dtype afterwards; unsigned 64-bit values are
  /// bit patterns.
  func reference(_ x: [Int64], _ dtype: DType) -> Int64

  /// How far a result may be off the reference.
  static var accuracy: Accuracy { get }

  /// What one element computes; half floats arrive as float32 and the family rounds the result.
  func scalar(_ b: inout ScalarBuilder, _ x: [ScalarBuilder.Value]) -> ScalarBuilder.Value
}

/// How far the floats of a lowering may be off the reference.
package struct Accuracy: Hashable, Sendable {
  /// In units of the last place of the result.
  package var ulps: Double
  /// Results closer to 0 than this are held to the units of this number: near a zero of a function
  /// the error of its argument is all that is left.
  package var near: Double

  package init(ulps: Double, near: Double = 0) {
    self.ulps = ulps
    self.near = near
  }

  package static let exact = Accuracy(ulps: 0)
}

extension ElementwiseOp {
  package static var accuracy: Accuracy { .exact }

  package static var constraints: [String] {
    [
      "the operands have the same dtype",
      "the dtype is one the operation is defined for",
      "the shapes broadcast: aligned at the last axis, each pair of sizes is equal or one of them is 1",
    ]
  }

  package var facts: Facts { Facts(isElementwise: true, isCheap: true) }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let dtype = try resultDType(context.operands.map(\.dtype))
    return [TensorType(dtype, try broadcastShape(&context))]
  }

  package func reference(_ x: [Double]) -> Double {
    preconditionFailure("\(mnemonic) is not defined for floats")
  }
  package func reference(_ x: [Int64], _ dtype: DType) -> Int64 {
    preconditionFailure("\(mnemonic) is not defined for integers")
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let shape = try context.shape()
    let dtype = context.resultTypes[0].dtype
    let operandDType = operands[operands.count - 1].dtype
    let walks = operands.map { BroadcastWalk(from: Array($0.shape), to: shape) }
    let count = shape.reduce(1, *)
    if operandDType.isFloat {
      let values = operands.map(\.doubles)
      var x = [Double](repeating: 0, count: operands.count)
      let out = (0..<count).map { i in
        for k in values.indices { x[k] = values[k][walks[k].source(i)] }
        return reference(x)
      }
      return [Tensor(dtype: dtype, shape: Shape(shape), doubles: out)]
    }
    let values = operands.map(\.integers)
    var x = [Int64](repeating: 0, count: operands.count)
    let out = (0..<count).map { i in
      for k in values.indices { x[k] = values[k][walks[k].source(i)] }
      return reference(x, operandDType)
    }
    return [Tensor(dtype: dtype, shape: Shape(shape), integers: out)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    .compute([elementwiseComputation(operands, results[0])])
  }

  /// The computation with `scalar` as its body.
  package func elementwiseComputation(_ operands: [TensorType], _ result: TensorType) -> Computation
  {
    var b = ScalarBuilder(operands: operands.map(\.dtype))
    let x = operands.indices.map { i in
      let v = b.operand(i)
      return b.convert(v, to: v.dtype.computeType)
    }
    let y = b.convert(scalar(&b, x), to: result.dtype)
    return Computation(
      axes: result.shape,
      reads: operands.indices.map { Read($0, broadcastIndices(operands[$0].shape, result.shape)) },
      body: b.program(results: [y]))
  }
}

/// The common shape of broadcast operands.
package func broadcastShape(_ context: inout TypeContext) throws(Refusal) -> [Dim] {
  var shape = context[0].shape
  for i in context.operands.indices.dropFirst() {
    let other = context[i].shape
    if other.count > shape.count {
      shape = Array(other[..<(other.count - shape.count)]) + shape
    }
    let lead = shape.count - other.count
    for axis in other.indices {
      let a = shape[lead + axis]
      let b = other[axis]
      if b == 1 || a == b { continue }
      if a == 1 {
        shape[lead + axis] = b
        continue
      }
      guard context.agree(a, b) else {
        throw broadcastRefusal(context, i, axis: axis, lead: lead, a, b)
      }
      // The more definite of the two formulas names the size from here on.
      if a.constant == nil && b.constant != nil { shape[lead + axis] = b }
    }
  }
  return shape
}

private func broadcastRefusal(
  _ context: TypeContext, _ i: Int, axis: Int, lead: Int, _ a: Dim, _ b: Dim
) -> Refusal {
  let distance = context[i].shape.count - axis
  let culprit =
    context.operands.indices.first { k in
      let s = context[k].shape
      return k < i && s.count >= distance && s[s.count - distance] == a
    } ?? 0
  var help: String?
  let x = context[culprit].shape
  let y = context[i].shape
  if y.count == 1, x.count == 2, x.first == y.first {
    help = "to add one number for each row, expand it: {\(i)}.expanded(axis: 1) is [\(y[0]), 1]"
  } else if a.name != nil, b.name != nil {
    help = "if `\(a)` and `\(b)` are always equal, give both the same name"
  } else if x.count == 2, y.count == 2, x == Array(y.reversed()) {
    help = "one of them is the transpose of the other: use .transposed()"
  }
  return Refusal(
    .broadcastMismatch, "the shapes do not broadcast: \(a) against \(b)", constraint: "C3",
    marks: [
      Refusal.Mark(culprit, [context[culprit].shape.count - distance]), Refusal.Mark(i, [axis]),
    ], help: help)
}

/// The index of an operand of a broadcast op, over the axes of the result.
package func broadcastIndices(_ shape: [Dim], _ result: [Dim]) -> [Dim] {
  let lead = result.count - shape.count
  return shape.indices.map { axis in
    shape[axis] == 1 && result[lead + axis] != 1 ? Dim(0) : .axis(lead + axis)
  }
}

/// Maps the flat index of a broadcast result to that of an operand.
package struct BroadcastWalk {
  private let strides: [(extent: Int, stride: Int)]
  private let isIdentity: Bool

  package init(from shape: [Int], to result: [Int]) {
    isIdentity = shape == result
    var strides: [(Int, Int)] = []
    var step = 1
    for axis in result.indices.reversed() {
      let own = axis - (result.count - shape.count)
      let size = own >= 0 ? shape[own] : 1
      strides.append((result[axis], size == 1 ? 0 : step))
      step *= size
    }
    self.strides = strides
  }

  package func source(_ flat: Int) -> Int {
    if isIdentity { return flat }
    var rest = flat
    var at = 0
    for (extent, stride) in strides {
      at += rest % extent * stride
      rest /= extent
    }
    return at
  }
}

// MARK: - Dtype rules

/// All operands have one dtype; `allowed` says which are defined.
package func sameDType(
  _ dtypes: [DType], _ name: String, allowed: (DType) -> Bool, _ kind: String
) throws(Refusal) -> DType {
  for (i, d) in dtypes.enumerated() where d != dtypes[0] {
    throw Refusal(
      .dtypeMismatch, "the operands have different dtypes: \(dtypes[0]) and \(d)",
      constraint: "C1", marks: [Refusal.Mark(0), Refusal.Mark(i)],
      help: castHelp(dtypes[0], d))
  }
  guard allowed(dtypes[0]) else {
    throw Refusal(
      .dtypeNotSupported, "not defined for \(dtypes[0]); it needs \(kind)", constraint: "C2",
      help: dtypes[0].isFloat ? nil : "cast it first: {0}.cast(to: .float32)")
  }
  return dtypes[0]
}

private func castHelp(_ a: DType, _ b: DType) -> String {
  a > b
    ? "cast the second operand: {1}.cast(to: .\(a))" : "cast the first operand: {0}.cast(to: .\(b))"
}

// MARK: - Families

/// One float operand, one float result.
package protocol UnaryFloatOp: ElementwiseOp {
  func reference(_ x: Double) -> Double
  func scalar(_ b: inout ScalarBuilder, _ x: ScalarBuilder.Value) -> ScalarBuilder.Value
  /// The derivative times `upstream`; nil when it is zero everywhere.
  func gradient(_ upstream: Expr, _ x: Expr, _ result: Expr) -> Expr?
}

extension UnaryFloatOp {
  package func resultDType(_ dtypes: [DType]) throws(Refusal) -> DType {
    try sameDType(dtypes, mnemonic, allowed: \.isFloat, "a floating-point dtype")
  }
  package func reference(_ x: [Double]) -> Double { reference(x[0]) }
  package func scalar(_ b: inout ScalarBuilder, _ x: [ScalarBuilder.Value]) -> ScalarBuilder.Value {
    scalar(&b, x[0])
  }
  package func gradient(_ c: GradientContext) throws -> [Expr?] {
    [c.upstream[0].flatMap { gradient($0, c.operands[0], c.results[0]) }]
  }
}

/// Two operands of one dtype, which the result shares.
package protocol BinaryArithmeticOp: ElementwiseOp {
  func reference(_ x: Double, _ y: Double) -> Double
  func reference(_ x: Int64, _ y: Int64, _ dtype: DType) -> Int64
  func scalar(
    _ b: inout ScalarBuilder, _ x: ScalarBuilder.Value, _ y: ScalarBuilder.Value
  ) -> ScalarBuilder.Value
  /// The derivatives times `upstream`, in the shape of the result.
  func gradient(_ upstream: Expr, _ x: Expr, _ y: Expr, _ result: Expr) -> (Expr?, Expr?)
}

extension BinaryArithmeticOp {
  package static var arity: ClosedRange<Int> { 2...2 }

  package func resultDType(_ dtypes: [DType]) throws(Refusal) -> DType {
    try sameDType(dtypes, mnemonic, allowed: { $0 != .bool }, "a numeric dtype")
  }
  package func reference(_ x: [Double]) -> Double { reference(x[0], x[1]) }
  package func reference(_ x: [Int64], _ dtype: DType) -> Int64 { reference(x[0], x[1], dtype) }
  package func scalar(_ b: inout ScalarBuilder, _ x: [ScalarBuilder.Value]) -> ScalarBuilder.Value {
    scalar(&b, x[0], x[1])
  }
  package func gradient(_ c: GradientContext) throws -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil, nil] }
    let (dx, dy) = gradient(g, c.operands[0], c.operands[1], c.results[0])
    return [
      dx.map { $0.summed(to: c.operands[0].shape) }, dy.map { $0.summed(to: c.operands[1].shape) },
    ]
  }
}

/// Two floating-point operands of one dtype, which the result shares.
package protocol BinaryFloatOp: BinaryArithmeticOp {}

extension BinaryFloatOp {
  package func resultDType(_ dtypes: [DType]) throws(Refusal) -> DType {
    try sameDType(dtypes, mnemonic, allowed: \.isFloat, "a floating-point dtype")
  }
  package func reference(_ x: Int64, _ y: Int64, _ dtype: DType) -> Int64 {
    preconditionFailure("\(mnemonic) is not defined for integers")
  }
}
