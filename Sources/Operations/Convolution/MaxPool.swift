public import GnomonIR
internal import GnomonScalars
package import GnomonTensors

/// The largest element of each window of each channel.
///
///     maxPool2d(x, size: 2)                                  // windows of 2 by 2, side by side
///     maxPool2d(x, size: 3, strides: 2, padding: .same)
///
/// Padding never wins. NaN in a window makes the result NaN. The gradient goes to the first largest
/// element of each window, in row-major order.
///
/// - Parameters:
///   - x: `[batch, height, width, channels]`, numeric.
///   - size: the window's height and width.
///   - strides: how far the window moves; by default its size.
///   - padding: the elements around the input that windows may reach over.
@_transparent public func maxPool2d(
  _ x: Expr, size: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid
) -> Expr { _maxPool("maxPool2d", 2, x, size, strides, padding, .here())[0] }

/// The largest element of each window of each channel of sequences `[batch, length, channels]`; see
/// `maxPool2d`.
@_transparent public func maxPool1d(
  _ x: Expr, size: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid
) -> Expr { _maxPool("maxPool1d", 1, x, size, strides, padding, .here())[0] }

/// The largest element of each window of each channel of volumes
/// `[batch, depth, height, width, channels]`; see `maxPool2d`.
@_transparent public func maxPool3d(
  _ x: Expr, size: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid
) -> Expr { _maxPool("maxPool3d", 3, x, size, strides, padding, .here())[0] }

/// As `maxPool2d`, and the position of each largest element within its window (int32, row-major):
/// what
/// `maxUnpool2d` takes.
@_transparent public func maxPool2dWithPositions(
  _ x: Expr, size: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid
) -> (values: Expr, positions: Expr) {
  let both = _maxPool("maxPool2dWithPositions", 2, x, size, strides, padding, .here())
  return (both[0], both[both.count - 1])
}

@usableFromInline func _maxPool(
  _ name: String, _ rank: Int, _ x: Expr, _ size: PerAxis, _ strides: PerAxis?,
  _ padding: Padding, _ at: Location
) -> [Expr] {
  let x = x.settled()
  if x.isInvalid { return [x] }
  do throws(Refusal) {
    return Expr.apply(
      try pooling(MaxPool.self, rank, x, size, strides, padding), [x], at: at.inScope(name))
  } catch {
    return [.refused(error, name, [x], at: at)]
  }
}

/// The second result is the position of the first largest element within its window: where the
/// gradient goes.
package struct MaxPool: PoolOp {
  package static let mnemonic = "max_pool"
  package static let summary =
    "The largest element of each window, and the position in the window of the first such (int32)."
  package static var constraints: [String] { commonConstraints }

  package var sizes: [Int]
  package var strides: [Int]
  package var low: [Dim]
  package var high: [Dim]

  package init(sizes: [Int], strides: [Int], low: [Dim], high: [Dim]) {
    self.sizes = sizes
    self.strides = strides
    self.low = low
    self.high = high
  }

  package func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType] {
    let shape = try pooledShape(context[0], &context)
    return [TensorType(context[0].dtype, shape), TensorType(.int32, shape)]
  }

  package func gradient(_ c: GradientContext) -> [Expr?] {
    guard let g = c.upstream[0] else { return [nil] }
    return [
      .make(MaxPoolGradient(self, input: c.operands[0].shape), [g, c.results[1]], at: .here())
    ]
  }

  package func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor] {
    let x = operands[0]
    let shape = try context.shape()
    let count = shape.reduce(1, *)
    var positions = [Int64](repeating: 0, count: count)
    if x.dtype.isFloat {
      let values = x.doubles
      var best = [Double](repeating: -.infinity, count: count)
      var isOpen = [Bool](repeating: true, count: count)
      try forEach(Array(x.shape), shape, context) { i, o, position in
        let v = values[i]
        if isOpen[o] || v > best[o] || (v.isNaN && !best[o].isNaN) {
          best[o] = v
          positions[o] = Int64(position)
          isOpen[o] = false
        }
      }
      return [
        Tensor(dtype: x.dtype, shape: shape, doubles: best),
        Tensor(dtype: .int32, shape: shape, integers: positions),
      ]
    }
    let values = x.integers
    var best = [Int64?](repeating: nil, count: count)
    let isLess: (Int64, Int64) -> Bool =
      x.dtype == .uint64 ? { UInt64(bitPattern: $0) < UInt64(bitPattern: $1) } : { $0 < $1 }
    try forEach(Array(x.shape), shape, context) { i, o, position in
      if best[o].map({ isLess($0, values[i]) }) ?? true {
        best[o] = values[i]
        positions[o] = Int64(position)
      }
    }
    return [
      Tensor(
        dtype: x.dtype, shape: Shape(shape),
        bits: best.map { $0.map(UInt64.init(bitPattern:)) ?? lowestBits(x.dtype) }),
      Tensor(dtype: .int32, shape: shape, integers: positions),
    ]
  }

  package func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering {
    let x = operands[0]
    let window = window(x.shape)
    let rank = window.rank
    var b = ScalarBuilder(operands: [x.dtype])
    let element = b.operand(0)
    let body = b.program(results: [element])
    func computation(_ kernel: [Dim], _ reduced: [Dim], _ combiner: Combiner, _ result: Int)
      -> Computation
    {
      let places = (0..<rank).map {
        window.inputIndex($0, output: .axis($0 + 1), kernel: kernel[$0])
      }
      return Computation(
        axes: results[0].shape, reduced: reduced, combiner: combiner,
        reads: [
          Read(
            0, [.axis(0)] + places.map(\.index) + [.axis(rank + 1)],
            guards: places.flatMap(\.guards), otherwise: lowestBits(x.dtype))
        ], body: body, result: result)
    }
    // A position is that along one axis, so the second computation unfolds it.
    return .compute([
      computation((0..<rank).map { .axis(rank + 2 + $0) }, window.kernel, .maximum, 0),
      computation(
        unfolded(.axis(rank + 2)), [Dim(sizes.reduce(1, *))], .argumentMaximum, 1),
    ])
  }
}

/// The bits of the smallest value: what padding holds for a maximum.
func lowestBits(_ dtype: DType) -> UInt64 {
  switch dtype {
  case .int8: UInt64(bitPattern: Int64(Int8.min))
  case .int16: UInt64(bitPattern: Int64(Int16.min))
  case .int32: UInt64(bitPattern: Int64(Int32.min))
  case .int64: UInt64(bitPattern: Int64.min)
  case .bool, .uint8, .uint16, .uint32, .uint64: 0
  default: ScalarBits.bits(of: -.infinity, dtype)
  }
}
