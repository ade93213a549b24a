public import GnomonIR
internal import GnomonTensors

/// The point of the simplex nearest to `x`: as softmax, with true zeros.
///
/// See Martins and Astudillo, *From Softmax to Sparsemax*, 2016.
///
/// - Parameters:
///   - x: a floating-point tensor.
///   - axis: the axis that sums to 1; a negative one counts from the end.
@_transparent public func sparsemax(_ x: Expr, axis: Int = -1) -> Expr {
  _sparsemax(x, axis, .here())
}

@usableFromInline func _sparsemax(_ x: Expr, _ axis: Int, _ at: Location) -> Expr {
  let x = x.settled()
  if let bad = floatsOnly(x, "sparsemax", at) { return bad }
  if x.isInvalid { return x }
  do throws(Refusal) {
    let axis = try normalizedAxes([axis], rank: x.rank)[0]
    return .elementwise("sparsemax", x, at) { x in
      // The support is a prefix of the sorted elements; the threshold makes it sum to 1.
      let line = stopGradient(sorted(x, axis: axis, descending: true))
      var shape = [Dim](repeating: 1, count: x.rank)
      shape[axis] = x.shape[axis]
      let rank = (Expr.iota(x.shape[axis]) + 1).cast(to: x.dtype).reshaped(shape)
      let inside = 1 + rank * line .> cumulativeSum(line, axis: axis)
      let count = sum(inside.cast(to: x.dtype), axes: [axis], keepDims: true)
      let least = min(select(inside, line, Expr(.infinity)), axes: [axis], keepDims: true)
      let supported = stopGradient(x) .>= least
      let total = sum(select(supported, x, 0), axes: [axis], keepDims: true)
      return maximum(x - (total - 1) / count, 0)
    }
  } catch {
    return .refused(error, "sparsemax", [x], at: at)
  }
}
