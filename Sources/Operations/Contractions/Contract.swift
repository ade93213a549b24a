package import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// The sum of products of two tensors over labelled axes: the primitive behind `matmul`, `dot`,
/// `outer` and `einsum`.
///
/// Labels are small integers, written as letters: `"mk,kn->mn"`. A label of both operands that the
/// result lacks is summed; one that all three have is a batch axis.
package struct Contract: Op {
  package static let mnemonic = "contract"
  package static let summary = "The sum of products of two tensors over labelled axes."
  package static let arity = 2...2
  package static let constraints = [
    "the specification has the form `ab,bc->ac`, each operand's labels as many as its axes and distinct",
    "axes with the same label have the same size",
    "the operands have the same numeric dtype",
    "every label of the result occurs in an operand, once in the result",
  ]

  package var spec: String
  package init(_ spec: String) { self.spec = spec }

  /// The labels of the two operands and the result, or nil if the text is malformed.
  package var labels: (left: [Character], right: [Character], result: [Character])? {
    var parts: [[Character]] = [[]]
    var rest = spec.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
        parts[parts.count - 1].append(Character(Unicode.Scalar(byte)))
      case UInt8(ascii: ",") where parts.count == 1: parts.append([])
      case UInt8(ascii: "-") where parts.count == 2 && rest.popFirst() == UInt8(ascii: ">"):
        parts.append([])
      default: return nil
      }
    }
    guard parts.count == 3, parts.allSatisfy({ Set($0).count == $0.count }) else { return nil }
    return (parts[0], parts[1], parts[2])
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    guard let (left, right, result) = labels, left.count == context[0].rank,
      right.count == context[1].rank
    else {
      throw Refusal(
        .einsumMalformed, "the specification \"\(spec)\" does not fit the operands",
        constraint: "C1")
    }
    guard context[0].dtype == context[1].dtype, context[0].dtype != .bool else {
      throw Refusal(
        .dtypeMismatch, "the operands have the dtypes \(context[0].dtype) and \(context[1].dtype)",
        constraint: "C3",
        help: context[0].dtype == .bool ? nil : "cast one: {1}.cast(to: .\(context[0].dtype))")
    }
    var sizes: [Character: Dim] = [:]
    for (axis, label) in left.enumerated() { sizes[label] = context[0].shape[axis] }
    for (axis, label) in right.enumerated() {
      let size = context[1].shape[axis]
      if let known = sizes[label], !context.agree(known, size) {
        throw Refusal(
          .innerDimensionsDiffer, "the sizes of `\(label)` differ: \(known) and \(size)",
          constraint: "C2",
          marks: [Refusal.Mark(0, [left.firstIndex(of: label)!]), Refusal.Mark(1, [axis])])
      }
      if sizes[label] == nil || sizes[label]?.constant == nil { sizes[label] = size }
    }
    var shape: [Dim] = []
    for label in result {
      guard let size = sizes[label] else {
        throw Refusal(
          .einsumMalformed, "the label `\(label)` of the result occurs in no operand",
          constraint: "C4")
      }
      shape.append(size)
    }
    return [TensorType(context[0].dtype, shape)]
  }

  package func gradient(_ c: GradientContext) throws -> [Expr?] {
    guard let g = c.upstream[0], let (left, right, result) = labels else { return [nil, nil] }
    // d left: contract the result's derivative with the right operand; labels that only the left
    // operand has were summed and repeat.
    func derivative(_ own: [Character], _ other: [Character], _ otherExpr: Expr, _ shape: [Dim])
      -> Expr
    {
      let reachable = own.filter { result.contains($0) || other.contains($0) }
      let spec = "\(String(result)),\(String(other))->\(String(reachable))"
      let d = Expr.make(Contract(spec), [g, otherExpr], at: .here())
      guard reachable.count < own.count else { return d }
      let missing = own.indices.filter { !reachable.contains(own[$0]) }
      return d.unreduced(missing, to: shape)
    }
    return [
      c.wanted[0] ? derivative(left, right, c.operands[1], c.operands[0].shape) : nil,
      c.wanted[1] ? derivative(right, left, c.operands[0], c.operands[1].shape) : nil,
    ]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    guard let (left, right, result) = labels else { throw InternalError("malformed \(spec)") }
    var sizes: [Character: Int] = [:]
    for (axis, label) in left.enumerated() { sizes[label] = operands[0].shape[axis] }
    for (axis, label) in right.enumerated() { sizes[label] = operands[1].shape[axis] }
    let summed = (left + right.filter { !left.contains($0) }).filter { !result.contains($0) }
    // Walk result labels then summed ones as one odometer, with each operand's stride per label.
    let order = result + summed
    let extents = order.map { sizes[$0] ?? 1 }
    func strides(_ own: [Character]) -> [Int] {
      var stride = 1
      var table: [Character: Int] = [:]
      for label in own.reversed() {
        table[label] = stride
        stride *= sizes[label] ?? 1
      }
      return order.map { table[$0] ?? 0 }
    }
    let a = strides(left)
    let b = strides(right)
    let outer = extents[..<result.count].reduce(1, *)
    let inner = extents[result.count...].reduce(1, *)
    func walk(_ body: (Int, Int, Int) -> Void) {
      for flat in 0..<(outer * inner) {
        var rest = flat
        var i = 0
        var j = 0
        for k in extents.indices.reversed() {
          let position = rest % extents[k]
          rest /= extents[k]
          i += position * a[k]
          j += position * b[k]
        }
        body(flat / inner, i, j)
      }
    }
    let type = context.resultTypes[0]
    let shape = Shape(try context.shape())
    if type.dtype.isFloat {
      let x = operands[0].doubles
      let y = operands[1].doubles
      var out = [Double](repeating: 0, count: outer)
      walk { out[$0] += x[$1] * y[$2] }
      return [Tensor(dtype: type.dtype, shape: shape, doubles: out)]
    }
    let x = operands[0].integers
    let y = operands[1].integers
    var out = [Int64](repeating: 0, count: outer)
    walk { out[$0] = out[$0] &+ x[$1] &* y[$2] }
    return [Tensor(dtype: type.dtype, shape: shape, integers: out)]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    let (left, right, result) = labels ?? ([], [], [])
    let summed = (left + right.filter { !left.contains($0) }).filter { !result.contains($0) }
    let order = result + summed
    func size(_ label: Character) -> Dim {
      left.firstIndex(of: label).map { operands[0].shape[$0] }
        ?? operands[1].shape[right.firstIndex(of: label)!]
    }
    func indices(_ own: [Character]) -> [Dim] { own.map { .axis(order.firstIndex(of: $0)!) } }
    var b = ScalarBuilder(operands: [operands[0].dtype, operands[1].dtype])
    let compute = operands[0].dtype.computeType
    let x = b.convert(b.operand(0), to: compute)
    let y = b.convert(b.operand(1), to: compute)
    // The product stays in the compute type: a half product is exact in float32 and must not round.
    let product = b.multiply(x, y)
    return .compute([
      Computation(
        axes: results[0].shape, reduced: summed.map(size), combiner: .sum,
        reads: [Read(0, indices(left)), Read(1, indices(right))],
        body: b.program(results: [product]))
    ])
  }
}

extension Expr {
  /// A contraction whose mistakes name the function that the user called.
  static func contraction(
    _ function: String, _ spec: String, _ x: Expr, _ y: Expr, at: Location
  ) -> Expr {
    let op = Contract(spec)
    do throws(Refusal) {
      var context = TypeContext(operands: [x.type, y.type])
      _ = try op.resultTypes(&context)
    } catch {
      return .refused(error, function, [x, y], at: at)
    }
    return .make(op, [x, y], at: at.inScope(function))
  }
}
