public import GnomonIR
internal import GnomonTensors

/// How many elements are not 0 (int64).
///
/// - Parameters:
///   - x: any tensor.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
@_transparent public func countNonzero(_ x: Expr, axes: [Int]? = nil, keepDims: Bool = false)
  -> Expr
{ _countNonzero(x, axes, keepDims, .here()) }

@usableFromInline func _countNonzero(_ x: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location)
  -> Expr
{
  let x = x.settled()
  if x.isInvalid { return x }
  return at.serving("countNonzero") {
    let there = x.dtype == .bool ? x : x .!= 0
    let ones = there.cast(to: .int64)
    return axes.map { sum(ones, axes: $0, keepDims: keepDims) } ?? sum(ones, keepDims: keepDims)
  }
}

/// The largest element less the smallest.
///
/// - Parameters:
///   - x: a numeric tensor.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
@_transparent public func peakToPeak(_ x: Expr, axes: [Int]? = nil, keepDims: Bool = false) -> Expr
{ _peakToPeak(x, axes, keepDims, .here()) }

@usableFromInline func _peakToPeak(_ x: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location)
  -> Expr
{
  let x = x.settled()
  if x.isInvalid { return x }
  return at.serving("peakToPeak") {
    let axes = axes ?? Array(0..<x.rank)
    return max(x, axes: axes, keepDims: keepDims) - min(x, axes: axes, keepDims: keepDims)
  }
}

/// The largest element along an axis and the position of the first such.
@_transparent public func maxAndArgmax(_ x: Expr, axis: Int, keepDims: Bool = false) -> (
  max: Expr, argmax: Expr
) { _maxAndArgmax(x, axis, keepDims, .here()) }

@usableFromInline func _maxAndArgmax(_ x: Expr, _ axis: Int, _ keepDims: Bool, _ at: Location) -> (
  max: Expr, argmax: Expr
) {
  (
    at.serving("maxAndArgmax") { max(x, axes: [axis], keepDims: keepDims) },
    at.serving("maxAndArgmax") { argmax(x, axis: axis, keepDims: keepDims) }
  )
}

/// The mean of the elements weighted: `sum(x w) / sum(w)`.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - weights: broadcast to `x`.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
@_transparent public func weightedMean(
  _ x: Expr, weights: Expr, axes: [Int]? = nil, keepDims: Bool = false
) -> Expr { _weightedMean(x, weights, axes, keepDims, .here()) }

@usableFromInline func _weightedMean(
  _ x: Expr, _ weights: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location
) -> Expr {
  .statistic("weightedMean", x, axes, keepDims, at) { x, axes in
    let w = weights.cast(to: x.dtype).broadcast(to: x.shape)
    return sum(x * w, axes: axes, keepDims: true) / sum(w, axes: axes, keepDims: true)
  }
}

/// The norm `(Σ |x|^p)^(1/p)` of the elements along axes, or of all.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - order: p; 0 counts what is not 0, ±infinity gives the largest and smallest magnitude.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
@_transparent public func norm(
  _ x: Expr, order: Double = 2, axes: [Int]? = nil, keepDims: Bool = false
) -> Expr { _norm(x, order, axes, keepDims, .here()) }

@usableFromInline func _norm(
  _ x: Expr, _ order: Double, _ axes: [Int]?, _ keepDims: Bool, _ at: Location
) -> Expr {
  .statistic("norm", x, axes, keepDims, at) { x, axes in
    switch order {
    case .infinity: return max(abs(x), axes: axes, keepDims: true)
    case -.infinity: return min(abs(x), axes: axes, keepDims: true)
    case 0: return sum((x .!= 0).cast(to: x.dtype), axes: axes, keepDims: true)
    case 1: return sum(abs(x), axes: axes, keepDims: true)
    case 2: return sqrt(sum(square(x), axes: axes, keepDims: true))
    default: return sum(abs(x) ** Expr(order), axes: axes, keepDims: true) ** Expr(1 / order)
    }
  }
}

/// How often each of 0..<count occurs, or the sum of the weights where it does.
///
/// - Parameters:
///   - x: integers in 0..<count; one outside is an error when the function runs.
///   - count: the size of the result.
///   - weights: the shape of `x`; nil counts (int64).
@_transparent public func binCount(_ x: Expr, count: Int, weights: Expr? = nil) -> Expr {
  _binCount(x, count, weights, .here())
}

@usableFromInline func _binCount(_ x: Expr, _ count: Int, _ weights: Expr?, _ at: Location) -> Expr
{
  let x = x.settled(.int64)
  if let bad = integersOnly(x, "binCount", at) { return bad }
  return at.serving("binCount") {
    let flat = x.flattened()
    let values = weights.map { $0.flattened() } ?? Expr.ones(.int64, flat.shape)
    return scatterAdd(Expr.zeros(values.dtype, [Dim(count)]), flat, values)
  }
}

/// How many elements lie in each of equally wide intervals (int64).
///
/// - Parameters:
///   - x: a floating-point tensor; what lies outside and NaN do not count.
///   - bins: how many intervals.
///   - low: the lower bound of the first.
///   - high: the upper bound of the last, which belongs to it.
@_transparent public func histogram(_ x: Expr, bins: Int, low: Double, high: Double) -> Expr {
  _histogram(x, bins, low, high, .here())
}

@usableFromInline func _histogram(
  _ x: Expr, _ bins: Int, _ low: Double, _ high: Double, _ at: Location
) -> Expr {
  let x = x.settled()
  if let bad = floatsOnly(x, "histogram", at) { return bad }
  guard bins > 0, low < high else {
    return .refused(
      Refusal(
        .invalidAttribute, "\(bins) bins between \(low) and \(high)", marks: [Refusal.Mark(0)],
        help: "at least one bin, and low below high"), "histogram", [x], at: at)
  }
  return at.serving("histogram") {
    let flat = x.flattened().cast(to: .float64)
    let position = (flat - low) * (Double(bins) / (high - low))
    let inside = (flat .>= Expr(low)) .& (flat .<= Expr(high))
    // The last bin has its upper bound; what lies outside goes to a bin of its own, which is cut
    // off.
    let bin = minimum(floor(position), Expr(Double(bins - 1)))
    let place = select(inside, bin, Expr(Double(bins))).cast(to: .int64)
    let counts = Expr.make(
      ScatterAdd(axis: 0),
      [Expr.zeros(.int64, [Dim(bins + 1)]), place, Expr.ones(.int64, flat.shape)], at: .here())
    return counts[0..<bins]
  }
}

/// The sum of the slices along the first axis that have each segment's number.
///
/// - Parameters:
///   - x: a numeric tensor of rank 1 or more.
///   - segments: for each slice an integer in 0..<count; one outside is an error when the
///     function runs.
///   - count: the number of segments.
/// - Returns: `[count, …]`; an empty segment gives 0.
@_transparent public func segmentSum(_ x: Expr, _ segments: Expr, count: Int) -> Expr {
  _segmentSum(x, segments, count, .here())
}

@usableFromInline func _segmentSum(_ x: Expr, _ segments: Expr, _ count: Int, _ at: Location)
  -> Expr
{
  .segments("segmentSum", x, segments, count, at) { x in (bits(of: 0, x.dtype), ScatterAdd(axis: 0))
  }
}

/// The product of the slices along the first axis that have each segment's number.
///
/// - Parameters:
///   - x: a numeric tensor of rank 1 or more.
///   - segments: for each slice an integer in 0..<count; one outside is an error when the
///     function runs.
///   - count: the number of segments.
/// - Returns: `[count, …]`; an empty segment gives 1.
@_transparent public func segmentProduct(_ x: Expr, _ segments: Expr, count: Int) -> Expr {
  _segmentProduct(x, segments, count, .here())
}

@usableFromInline func _segmentProduct(_ x: Expr, _ segments: Expr, _ count: Int, _ at: Location)
  -> Expr
{
  .segments("segmentProduct", x, segments, count, at) { x in
    (bits(of: 1, x.dtype), ScatterUpdate(axis: 0, combiner: .product))
  }
}

/// The largest of the slices along the first axis that have each segment's number.
///
/// - Parameters:
///   - x: a numeric tensor of rank 1 or more.
///   - segments: for each slice an integer in 0..<count; one outside is an error when the
///     function runs.
///   - count: the number of segments.
/// - Returns: `[count, …]`; an empty segment gives the lowest number.
@_transparent public func segmentMax(_ x: Expr, _ segments: Expr, count: Int) -> Expr {
  _segmentMax(x, segments, count, .here())
}

@usableFromInline func _segmentMax(_ x: Expr, _ segments: Expr, _ count: Int, _ at: Location)
  -> Expr
{
  .segments("segmentMax", x, segments, count, at) { x in
    (lowestBits(x.dtype), ScatterUpdate(axis: 0, combiner: .maximum))
  }
}

/// The smallest of the slices along the first axis that have each segment's number.
///
/// - Parameters:
///   - x: a numeric tensor of rank 1 or more.
///   - segments: for each slice an integer in 0..<count; one outside is an error when the
///     function runs.
///   - count: the number of segments.
/// - Returns: `[count, …]`; an empty segment gives the highest number.
@_transparent public func segmentMin(_ x: Expr, _ segments: Expr, count: Int) -> Expr {
  _segmentMin(x, segments, count, .here())
}

@usableFromInline func _segmentMin(_ x: Expr, _ segments: Expr, _ count: Int, _ at: Location)
  -> Expr
{
  .segments("segmentMin", x, segments, count, at) { x in
    (highestBits(x.dtype), ScatterUpdate(axis: 0, combiner: .minimum))
  }
}

extension Expr {
  /// A scatter of all slices into `count` slices that hold what `how` starts with.
  static func segments(
    _ name: String, _ x: Expr, _ segments: Expr, _ count: Int, _ at: Location,
    _ how: (Expr) -> (UInt64, any Op)
  ) -> Expr {
    let (x, segments) = (x.settled(), segments.settled(.int64))
    if x.isInvalid || segments.isInvalid {
      return .refused(Refusal(.rankMismatch, ""), name, [x, segments], at: at)
    }
    if let bad = integersOnly(segments, name, at) { return bad }
    guard x.rank >= 1, segments.rank == 1, count >= 0 else {
      return .refused(
        Refusal(
          .rankMismatch,
          "\(count) segments of a tensor of rank \(x.rank) by numbers of rank \(segments.rank)",
          marks: [Refusal.Mark(0), Refusal.Mark(1)],
          help: "give one number for each slice of the first axis"), name, [x, segments], at: at)
    }
    return at.serving(name) {
      let (bits, op) = how(x)
      let start = Expr._constant(Tensor(dtype: x.dtype, shape: [], bits: [bits]), .here())
      let base = start.broadcast(to: [Dim(count)] + x.shape.dropFirst())
      return .make(op, [base, segments.checked(bound: Dim(count), .here()), x], at: .here())
    }
  }
}

/// The bits of the highest value of a numeric dtype.
func highestBits(_ dtype: DType) -> UInt64 {
  if dtype.isFloat { return Tensor(dtype: dtype, shape: [], doubles: [.infinity]).bits[0] }
  let width = UInt64(dtype.byteCount * 8)
  let all = width == 64 ? UInt64.max : (1 << width) - 1
  return dtype.isUnsignedInteger ? all : all >> 1
}

/// The bits of a whole number in a numeric dtype.
private func bits(of x: Double, _ dtype: DType) -> UInt64 {
  Tensor(dtype: dtype, shape: [], doubles: [x]).bits[0]
}
