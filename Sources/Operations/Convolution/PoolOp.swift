package import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// Pooling and its gradients: windows over the spatial axes of a channels-last tensor, each channel
/// on its own.
package protocol PoolOp: Op {
  /// The window's length along each spatial axis.
  var sizes: [Int] { get }
  var strides: [Int] { get }
  var low: [Dim] { get }
  var high: [Dim] { get }
  init(sizes: [Int], strides: [Int], low: [Dim], high: [Dim])
}

extension PoolOp {
  func window(_ x: [Dim]) -> SpatialWindow {
    SpatialWindow(
      input: Array(x.dropFirst().dropLast()), kernel: sizes.map { Dim($0) }, strides: strides,
      dilations: sizes.map { _ in 1 }, low: low, high: high)
  }

  /// The checks of an input, and the shape of the result.
  func pooledShape(_ x: TensorType, _ context: inout TypeContext) throws(Refusal) -> [Dim] {
    guard (3...5).contains(x.rank), sizes.count == x.rank - 2 else {
      throw Refusal(
        .rankMismatch, "rank \(x.rank) with windows over \(sizes.count) axes", constraint: "C3",
        marks: [Refusal.Mark(0)], help: "the input is [batch, spatial axes, channels]")
    }
    guard x.dtype != .bool else {
      throw Refusal(.dtypeNotSupported, "not defined for bool", constraint: "C4")
    }
    let window = window(x.shape)
    try window.check(&context, axes: Refusal.Mark(0, Array(1...window.rank)))
    return [x.shape[0]] + window.output + [x.shape[x.rank - 1]]
  }

  /// Refuses an operand that has not the shape of the pooled result.
  func checkPooled(
    _ operand: Int, _ x: TensorType, _ context: inout TypeContext
  ) throws(Refusal) {
    let expected = try pooledShape(x, &context)
    let found = context[operand].shape
    guard found.count == expected.count,
      zip(found, expected).allSatisfy({ context.agree($0, $1) })
    else {
      throw Refusal(
        .shapeMismatch, "the shape \(context[operand]) is not that of the pooled tensor",
        constraint: "C5", marks: [Refusal.Mark(operand)])
    }
  }

  package static var commonConstraints: [String] {
    [
      "strides (at least 1) and padding (before, at least 0, and after) have one number for each window axis",
      "the window fits the padded input",
      "the operand has the window's axes, a batch axis and channels",
      "the dtype is numeric",
      "an operand from the pooled side has the shape of the pooled tensor",
    ]
  }

  /// Calls `body` with the flat positions in `x` and in the pooled tensor, and the position in the
  /// window, of each pair of a window and an element of it.
  func forEach(
    _ x: [Int], _ pooled: [Int], _ context: ReferenceContext,
    _ body: (_ x: Int, _ pooled: Int, _ position: Int) -> Void
  ) throws {
    try window(x.map { Dim($0) }).forEach(context) { i, k, o in
      let position = flat(k, in: sizes)
      for n in 0..<x[0] {
        for c in 0..<x[x.count - 1] {
          body(flat([n] + i + [c], in: x), flat([n] + o + [c], in: pooled), position)
        }
      }
    }
  }

  /// The index expressions of the window's axes when they run as one axis.
  func unfolded(_ position: Dim) -> [Dim] {
    var rest = position
    var indices: [Dim] = []
    var inner = sizes.reduce(1, *)
    for size in sizes {
      inner /= size
      let k = size == 1 ? Dim(0) : rest.quotient(dividingBy: Dim(inner))
      indices.append(k)
      rest = rest - k * Dim(inner)
    }
    return indices
  }
}

/// The attributes of a pooling over `rank` axes as a user gives them, against its input.
func pooling<P: PoolOp>(
  _: P.Type, _ rank: Int, _ x: Expr, _ sizes: PerAxis, _ strides: PerAxis?, _ padding: Padding
) throws(Refusal) -> P {
  guard x.rank == rank + 2 else {
    throw Refusal(
      .rankMismatch, "the input has rank \(x.rank) instead of \(rank + 2)",
      marks: [Refusal.Mark(0)],
      help:
        "the input is [batch, \(["length", "height, width", "depth, height, width"][rank - 1]), channels]"
    )
  }
  let input = Array(x.shape.dropFirst().dropLast())
  let k = try sizes.resolved(rank, "window sizes", atLeast: 1)
  let s = try strides?.resolved(rank, "strides", atLeast: 1) ?? k
  let (low, high) = try padding.resolved(
    input: input, kernel: k.map { Dim($0) }, strides: s,
    dilations: [Int](repeating: 1, count: rank))
  let op = P(sizes: k, strides: s, low: low, high: high)
  var context = TypeContext(operands: [x.type])
  _ = try op.pooledShape(x.type, &context)
  return op
}
