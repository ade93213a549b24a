public import GnomonIR
internal import GnomonTensors

/// Numbers on the lines between points; outside them the first and the last.
///
/// - Parameters:
///   - x: where, floating-point.
///   - xs: the points' places, an ascending vector of at least 2, the same dtype.
///   - ys: their values, a vector of the same length and dtype.
@_transparent public func interpolate(_ x: Expr, xs: Expr, ys: Expr) -> Expr {
  _interpolate(x, xs, ys, .here())
}

@usableFromInline func _interpolate(_ x: Expr, _ xs: Expr, _ ys: Expr, _ at: Location) -> Expr {
  .elementwise("interpolate", [x, xs, ys], at) { v in
    let (x, xs, ys) = (v[0], v[1], v[2])
    let n = size(of: xs, axis: 0)
    let upper = minimum(maximum(searchSorted(xs, x, right: true), 1), n - 1)
    func at(_ line: Expr, _ place: Expr) -> Expr {
      .make(Gather(axis: 0), [line, place], at: .here())
    }
    let (x0, x1) = (at(xs, upper - 1), at(xs, upper))
    let (y0, y1) = (at(ys, upper - 1), at(ys, upper))
    let share = minimum(maximum((x - x0) / (x1 - x0), 0), 1)
    return y0 + share * (y1 - y0)
  }
}
