package import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// Convolution and its two gradients: one sum of products over the same triples of elements
///
///     y[n, o, co] += x[n, o · stride + k · dilation - low, g · ci + c] · w[k, c, co]
///
/// where x is 0 in the padding, and y where no window is (0 times infinity is NaN, as with any other
/// zero), and where `o` and `k` run over one to three spatial axes, `c` over the `ci` channels of a group and
/// `g = co / (channels out / groups)`. Each op computes one of y, x and w from the other two.
package protocol ConvolutionOp: Op {
  var strides: [Int] { get }
  var dilations: [Int] { get }
  /// Elements of padding before each spatial axis, and after it.
  var low: [Dim] { get }
  var high: [Dim] { get }
  var groups: Int { get }
  /// The types of x, w and y among operands and results, in this order.
  func roles(_ operands: [TensorType], _ results: [TensorType]) -> [TensorType]
  /// Which of x (0), w (1) and y (2) is the result; the operands are the others, in order.
  static var computed: Int { get }
}

extension ConvolutionOp {
  package static var arity: ClosedRange<Int> { 2...2 }

  func window(_ x: TensorType, _ w: TensorType) -> SpatialWindow {
    SpatialWindow(
      input: Array(x.shape.dropFirst().dropLast()), kernel: Array(w.shape.dropLast(2)),
      strides: strides, dilations: dilations, low: low, high: high)
  }

  package func roles(_ operands: [TensorType], _ results: [TensorType]) -> [TensorType] {
    var all = operands
    all.insert(results[0], at: Self.computed)
    return all
  }

  /// The checks of two operands, given as x, w and y with nil for the result.
  func checkTypes(_ context: inout TypeContext) throws(Refusal) {
    let (a, b) = (context[0], context[1])
    guard a.dtype == b.dtype, a.dtype != .bool else {
      throw Refusal(
        .dtypeMismatch, "the operands have the dtypes \(a.dtype) and \(b.dtype)", constraint: "C3",
        help: a.dtype == .bool ? nil : "cast one: y.cast(to: .\(a.dtype))")
    }
    guard a.rank == b.rank, (3...5).contains(a.rank) else {
      throw Refusal(
        .rankMismatch, "the operands have rank \(a.rank) and \(b.rank)", constraint: "C4",
        help: "both have the spatial axes, 1 to 3, and two more")
    }
  }

  /// The checks that join the channels of x, w and y.
  func checkChannels(
    _ context: inout TypeContext, input: Dim, perGroup: Dim, output: Dim, marks: [Refusal.Mark]
  ) throws(Refusal) {
    guard groups > 0, context.agree(input, Dim(groups) * perGroup) else {
      throw Refusal(
        .innerDimensionsDiffer,
        "the input has \(input) channels, the kernel takes \(Dim(groups) * perGroup)",
        constraint: "C5", marks: marks,
        help: groups == 1 ? nil : "\(groups) groups of \(perGroup) channels each")
    }
    guard context.require(Dim(groups), .divides, output) else {
      throw Refusal(
        .windowMalformed, "\(output) output channels are no multiple of \(groups) groups",
        constraint: "C5")
    }
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let constant = operands.map { TensorType($0.dtype, $0.shape.map { Dim($0) }) }
    let shape = try context.shape()
    let type = TensorType(operands[0].dtype, shape.map { Dim($0) })
    let roles = roles(constant, [type])
    let (x, w, y) = (roles[0], roles[1], roles[2])
    let sizes = try roles.map { try $0.shape.map { try context.value($0) } }
    let batch = sizes[0][0]
    let perGroup = sizes[1][sizes[1].count - 2]
    let outputs = sizes[2][sizes[2].count - 1]
    let isFloat = y.dtype.isFloat
    let factors = operands.map { isFloat ? $0.doubles : [] }
    let whole = operands.map { isFloat ? [] : $0.integers }
    let count = shape.reduce(1, *)
    var doubles = [Double](repeating: 0, count: isFloat ? count : 0)
    var integers = [Int64](repeating: 0, count: isFloat ? 0 : count)
    /// What lies outside counts as 0, and 0 times infinity is NaN.
    func addZeros(_ input: [Int]?, _ k: [Int], _ output: [Int]?) {
      guard isFloat else { return }
      for n in 0..<batch {
        for co in 0..<outputs {
          for c in 0..<perGroup {
            let channel = co / (outputs / groups) * perGroup + c
            let places = [
              input.map { flat([n] + $0 + [channel], in: sizes[0]) },
              flat(k + [c, co], in: sizes[1]), output.map { flat([n] + $0 + [co], in: sizes[2]) },
            ]
            let other = places.indices.first { $0 != Self.computed && places[$0] != nil }!
            let operand = other < Self.computed ? other : other - 1
            doubles[places[Self.computed]!] += 0 * factors[operand][places[other]!]
          }
        }
      }
    }
    let window = window(x, w)
    if Self.computed == 0 {
      try window.forEachMissingOutput(context) { i, k in addZeros(i, k, nil) }
    }
    try window.forEach(
      context, padding: { k, o in if Self.computed != 0 { addZeros(nil, k, o) } }
    ) { i, k, o in
      for n in 0..<batch {
        for co in 0..<outputs {
          let group = co / (outputs / groups)
          for c in 0..<perGroup {
            var at = [
              flat([n] + i + [group * perGroup + c], in: sizes[0]),
              flat(k + [c, co], in: sizes[1]), flat([n] + o + [co], in: sizes[2]),
            ]
            let result = at.remove(at: Self.computed)
            if isFloat {
              doubles[result] += factors[0][at[0]] * factors[1][at[1]]
            } else {
              integers[result] &+= whole[0][at[0]] &* whole[1][at[1]]
            }
          }
        }
      }
    }
    return [
      isFloat
        ? Tensor(dtype: y.dtype, shape: shape, doubles: doubles)
        : Tensor(dtype: y.dtype, shape: shape, integers: integers)
    ]
  }

  /// The sum over `reduced` of the products of two reads.
  func productSum(
    _ operands: [TensorType], _ result: TensorType, reduced: [Dim], _ reads: [Read]
  ) -> Lowering {
    var b = ScalarBuilder(operands: operands.map(\.dtype))
    let compute = result.dtype.computeType
    let x = b.convert(b.operand(0), to: compute)
    let y = b.convert(b.operand(1), to: compute)
    let product = b.multiply(x, y)
    return .compute([
      Computation(
        axes: result.shape, reduced: reduced, combiner: .sum, reads: reads,
        body: b.program(results: [product]))
    ])
  }

  package static var commonConstraints: [String] {
    [
      "strides, dilations (at least 1) and padding (before, at least 0, and after) have one number for each spatial axis",
      "the window, with its gaps, fits the padded input",
      "the operands have the same numeric dtype",
      "the operands have 1 to 3 spatial axes and two others",
      "input channels = groups × kernel input channels; the groups divide the output channels",
    ]
  }
}
