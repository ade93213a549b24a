internal import GnomonIR
internal import GnomonTensors

/// Windows that slide over spatial axes: the index arithmetic that convolution, pooling and their
/// gradients share.
///
/// Element `k` of the window at `o` lies at input position `o · stride + k · dilation - low`.
struct SpatialWindow {
  var input: [Dim]
  var kernel: [Dim]
  var strides: [Int]
  var dilations: [Int]
  var low: [Dim]
  /// Negative where elements at the end are in no window.
  var high: [Dim]

  var rank: Int { input.count }

  /// How many windows there are along each axis.
  var output: [Dim] {
    input.indices.map { i in
      (input[i] + low[i] + high[i] - extent(i)).quotient(dividingBy: Dim(strides[i])) + 1
    }
  }

  /// The length of the window with its gaps.
  func extent(_ i: Int) -> Dim { (kernel[i] - 1) * Dim(dilations[i]) + 1 }

  /// Refuses attributes that fit no input, and windows larger than the padded input.
  func check(_ context: inout TypeContext, axes: Refusal.Mark) throws(Refusal) {
    guard strides.count == rank, dilations.count == rank, low.count == rank, high.count == rank,
      kernel.count == rank, strides.allSatisfy({ $0 > 0 }), dilations.allSatisfy({ $0 > 0 })
    else {
      throw Refusal(
        .windowMalformed, "strides, dilations and padding do not fit \(rank) spatial axes",
        constraint: "C1")
    }
    for i in 0..<rank {
      guard context.require(low[i], .atLeast, 0) else {
        throw Refusal(.windowMalformed, "the padding is negative", constraint: "C1")
      }
      let padded = input[i] + low[i] + high[i]
      guard context.require(kernel[i], .atLeast, 1), context.require(padded, .atLeast, extent(i))
      else {
        throw Refusal(
          .windowMalformed,
          "a window of \(extent(i)) elements does not fit the \(padded) of spatial axis \(i)",
          constraint: "C2", marks: [Refusal.Mark(axes.operand, [axes.axes[i]])],
          help: "a smaller kernel, or padding: .same")
      }
    }
  }

  /// The input position of a window's element, and the guards where it may lie in the padding.
  func inputIndex(_ i: Int, output o: Dim, kernel k: Dim) -> (index: Dim, guards: [Read.Guard]) {
    let index = o * Dim(strides[i]) + k * Dim(dilations[i]) - low[i]
    var guards: [Read.Guard] = []
    if low[i] != 0 { guards.append(.nonNegative(index)) }
    if high[i] != 0 { guards.append(.nonNegative(input[i] - 1 - index)) }
    return (index, guards)
  }

  /// The window whose element `k` lies at input position `h`, and the guards where there is none.
  func outputIndex(_ i: Int, input h: Dim, kernel k: Dim) -> (index: Dim, guards: [Read.Guard]) {
    let stride = Dim(strides[i])
    let offset = h + low[i] - k * Dim(dilations[i])
    var guards: [Read.Guard] = [
      .nonNegative(offset), .nonNegative((output[i] - 1) * stride - offset),
    ]
    if strides[i] != 1 { guards.append(.divisible(offset, by: stride)) }
    return (offset.quotient(dividingBy: stride), guards)
  }

  /// Every input position and element `k` for which no window has its `k` there.
  func forEachMissingOutput(
    _ context: ReferenceContext, _ body: (_ input: [Int], _ kernel: [Int]) -> Void
  ) throws {
    let low = try self.low.map { try context.value($0) }
    let output = try self.output.map { try context.value($0) }
    let kernels = positions(of: try kernel.map { try context.value($0) })
    for i in positions(of: try input.map { try context.value($0) }) {
      for k in kernels {
        let exists = i.indices.allSatisfy { d in
          let offset = i[d] + low[d] - k[d] * dilations[d]
          return offset >= 0 && offset % strides[d] == 0 && offset / strides[d] < output[d]
        }
        if !exists { body(i, k) }
      }
    }
  }

  /// Every pair of a window and one of its elements that lies in the input, with all sizes known:
  /// the reference's loop; and the pairs that lie in the padding.
  func forEach(
    _ context: ReferenceContext, padding: (_ kernel: [Int], _ output: [Int]) -> Void = { _, _ in },
    _ body: (_ input: [Int], _ kernel: [Int], _ output: [Int]) -> Void
  ) throws {
    let input = try self.input.map { try context.value($0) }
    let low = try self.low.map { try context.value($0) }
    let kernels = positions(of: try kernel.map { try context.value($0) })
    for o in positions(of: try output.map { try context.value($0) }) {
      for k in kernels {
        let at = o.indices.map { o[$0] * strides[$0] + k[$0] * dilations[$0] - low[$0] }
        if zip(at, input).allSatisfy({ $0 >= 0 && $0 < $1 }) {
          body(at, k, o)
        } else {
          padding(k, o)
        }
      }
    }
  }
}
