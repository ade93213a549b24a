public import GnomonIR
internal import GnomonTensors

/// The sum of the elements that are not NaN.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
@_transparent public func nanSum(_ x: Expr, axes: [Int]? = nil, keepDims: Bool = false) -> Expr {
  _nanSum(x, axes, keepDims, .here())
}

@usableFromInline func _nanSum(_ x: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location) -> Expr
{
  .statistic("nanSum", x, axes, keepDims, at) { x, axes in
    sum(select(isNaN(x), 0, x), axes: axes, keepDims: true)
  }
}

/// The product of the elements that are not NaN.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
@_transparent public func nanProduct(_ x: Expr, axes: [Int]? = nil, keepDims: Bool = false) -> Expr
{ _nanProduct(x, axes, keepDims, .here()) }

@usableFromInline func _nanProduct(_ x: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location)
  -> Expr
{
  .statistic("nanProduct", x, axes, keepDims, at) { x, axes in
    product(select(isNaN(x), 1, x), axes: axes, keepDims: true)
  }
}

/// The mean of the elements that are not NaN; NaN where there are none.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
@_transparent public func nanMean(_ x: Expr, axes: [Int]? = nil, keepDims: Bool = false) -> Expr {
  _nanMean(x, axes, keepDims, .here())
}

@usableFromInline func _nanMean(_ x: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location) -> Expr
{
  .statistic("nanMean", x, axes, keepDims, at) { x, axes in
    let there = .!isNaN(x)
    let total = sum(select(there, x, 0), axes: axes, keepDims: true)
    return total / sum(there.cast(to: x.dtype), axes: axes, keepDims: true)
  }
}

/// The variance of the elements that are not NaN; NaN where there are too few.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - ddof: the degrees of freedom that the divisor subtracts.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
@_transparent public func nanVariance(
  _ x: Expr, ddof: Int = 0, axes: [Int]? = nil, keepDims: Bool = false
) -> Expr { _nanVariance(x, ddof, axes, keepDims, .here()) }

@usableFromInline func _nanVariance(
  _ x: Expr, _ ddof: Int, _ axes: [Int]?, _ keepDims: Bool, _ at: Location
) -> Expr {
  .statistic("nanVariance", x, axes, keepDims, at) { x, axes in
    let there = .!isNaN(x)
    let count = sum(there.cast(to: x.dtype), axes: axes, keepDims: true)
    let mean = sum(select(there, x, 0), axes: axes, keepDims: true) / count
    let squares = sum(select(there, square(x - mean), 0), axes: axes, keepDims: true)
    let divisor = count - Double(ddof)
    return select(divisor .> 0, squares / divisor, Expr(.nan))
  }
}

/// The standard deviation of the elements that are not NaN.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - ddof: the degrees of freedom that the divisor subtracts.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
@_transparent public func nanStandardDeviation(
  _ x: Expr, ddof: Int = 0, axes: [Int]? = nil, keepDims: Bool = false
) -> Expr { _nanStandardDeviation(x, ddof, axes, keepDims, .here()) }

@usableFromInline func _nanStandardDeviation(
  _ x: Expr, _ ddof: Int, _ axes: [Int]?, _ keepDims: Bool, _ at: Location
) -> Expr {
  .statistic("nanStandardDeviation", x, axes, keepDims, at) { x, axes in
    sqrt(nanVariance(x, ddof: ddof, axes: axes, keepDims: true))
  }
}

/// The largest of the elements that are not NaN; NaN where there are none.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
@_transparent public func nanMax(_ x: Expr, axes: [Int]? = nil, keepDims: Bool = false) -> Expr {
  _nanMax(x, axes, keepDims, .here())
}

@usableFromInline func _nanMax(_ x: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location) -> Expr
{
  .statistic("nanMax", x, axes, keepDims, at) { x, axes in
    let largest = max(select(isNaN(x), Expr(-.infinity), x), axes: axes, keepDims: true)
    return select(all(isNaN(x), axes: axes, keepDims: true), Expr(.nan), largest)
  }
}

/// The smallest of the elements that are not NaN; NaN where there are none.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - axes: the axes to reduce; negative ones count from the end. All by default.
///   - keepDims: whether the reduced axes stay, with size 1.
@_transparent public func nanMin(_ x: Expr, axes: [Int]? = nil, keepDims: Bool = false) -> Expr {
  _nanMin(x, axes, keepDims, .here())
}

@usableFromInline func _nanMin(_ x: Expr, _ axes: [Int]?, _ keepDims: Bool, _ at: Location) -> Expr
{
  .statistic("nanMin", x, axes, keepDims, at) { x, axes in
    let smallest = min(select(isNaN(x), Expr(.infinity), x), axes: axes, keepDims: true)
    return select(all(isNaN(x), axes: axes, keepDims: true), Expr(.nan), smallest)
  }
}

/// The position along an axis of the first largest element that is not NaN; 0 where there is none.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - axis: a negative one counts from the end.
///   - keepDims: whether the axis stays, with size 1.
/// - Returns: int64.
@_transparent public func nanArgmax(_ x: Expr, axis: Int, keepDims: Bool = false) -> Expr {
  _nanArgmax(x, axis, keepDims, .here())
}

@usableFromInline func _nanArgmax(_ x: Expr, _ axis: Int, _ keepDims: Bool, _ at: Location) -> Expr
{
  at.serving("nanArgmax") {
    argmax(select(isNaN(x), Expr(-.infinity), x), axis: axis, keepDims: keepDims)
  }
}

/// The position along an axis of the first smallest element that is not NaN; 0 where there is none.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - axis: a negative one counts from the end.
///   - keepDims: whether the axis stays, with size 1.
/// - Returns: int64.
@_transparent public func nanArgmin(_ x: Expr, axis: Int, keepDims: Bool = false) -> Expr {
  _nanArgmin(x, axis, keepDims, .here())
}

@usableFromInline func _nanArgmin(_ x: Expr, _ axis: Int, _ keepDims: Bool, _ at: Location) -> Expr
{
  at.serving("nanArgmin") {
    argmin(select(isNaN(x), Expr(.infinity), x), axis: axis, keepDims: keepDims)
  }
}

/// The sum of the elements up to each position along an axis, NaN counting as 0.
@_transparent public func nanCumulativeSum(_ x: Expr, axis: Int = -1) -> Expr {
  _nanCumulativeSum(x, axis, .here())
}

@usableFromInline func _nanCumulativeSum(_ x: Expr, _ axis: Int, _ at: Location) -> Expr {
  .elementwise("nanCumulativeSum", x, at) { x in
    cumulativeSum(select(isNaN(x), 0, x), axis: axis)
  }
}

/// The product of the elements up to each position along an axis, NaN counting as 1.
@_transparent public func nanCumulativeProduct(_ x: Expr, axis: Int = -1) -> Expr {
  _nanCumulativeProduct(x, axis, .here())
}

@usableFromInline func _nanCumulativeProduct(_ x: Expr, _ axis: Int, _ at: Location) -> Expr {
  .elementwise("nanCumulativeProduct", x, at) { x in
    cumulativeProduct(select(isNaN(x), 1, x), axis: axis)
  }
}
