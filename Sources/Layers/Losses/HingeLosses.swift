internal import Gnomon

// Margins. Targets are -1 and 1; where all of them are 0 and 1, 0 counts as -1.
extension Loss {
  /// `mean(max(1 - t p, 0))`.
  public static var hinge: Loss {
    Loss("hinge", .alike) { t, p in mean(maximum(1 - signed(t) * p, 0), axes: -1) }
  }

  /// `mean(max(1 - t p, 0)²)`.
  public static var squaredHinge: Loss {
    Loss("squared_hinge", .alike) { t, p in mean(square(maximum(1 - signed(t) * p, 0)), axes: -1) }
  }

  /// `max(neg - pos + 1, 0)`, with `pos = sum(t p)` and `neg = max((1 - t) p)`: targets are one-hot.
  public static var categoricalHinge: Loss {
    Loss("categorical_hinge", .alike) { t, p in
      let pos = sum(t * p, axes: -1)
      let neg = max((1 - t) * p, axes: -1)
      return maximum(neg - pos + 1, 0)
    }
  }

  private static func signed(_ t: Expr) -> Expr {
    let isBinary = all((t .== 0) .| (t .== 1))
    return select(isBinary, 2 * t - 1, t)
  }
}
