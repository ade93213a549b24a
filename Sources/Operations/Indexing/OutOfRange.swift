internal import GnomonIR
internal import GnomonTensors

/// What an index outside an axis means.
public enum OutOfRange: Sendable {
  /// An error when the function runs, before anything is written.
  case error
  /// The nearest index within.
  case clipped
  /// Nothing is written there; what is read there is 0.
  case dropped
}

extension Expr {
  /// Indices within 0..<bound, or `bound` itself for those that are dropped.
  func indices(_ bound: Dim, _ outside: OutOfRange) -> Expr {
    let wide = dtype == .int64 ? self : cast(to: .int64)
    let size = Expr.make(Size(bound), [], at: .here())
    switch outside {
    case .error: return checked(bound: bound, .here())
    case .clipped: return minimum(maximum(wide, 0), size - 1)
    case .dropped: return select((wide .< 0) .| (wide .>= size), size, wide)
    }
  }
}
