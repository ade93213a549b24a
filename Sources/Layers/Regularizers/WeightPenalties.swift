public import Gnomon

/// A penalty on the sizes of a weight: `l1 · sum(|w|) + l2 · sum(w²)`.
public struct L1L2: Regularizer, Hashable, Codable {
  public var l1: Double
  public var l2: Double

  public init(l1: Double = 0, l2: Double = 0) {
    self.l1 = l1
    self.l2 = l2
  }

  public func callAsFunction(_ w: Expr) -> Expr {
    var penalty: Expr?
    if l1 != 0 { penalty = Expr(l1) * sum(abs(w)) }
    if l2 != 0 {
      let squares = Expr(l2) * sum(square(w))
      penalty = penalty.map { $0 + squares } ?? squares
    }
    return penalty ?? .zeros(w.dtype, [])
  }
}

/// A penalty on rows, or columns, of a matrix that point in similar directions: half of
/// `factor · mean |cosine|` over all pairs of them, each pair counted twice.
public struct OrthogonalRegularizer: Regularizer, Hashable, Codable {
  public enum Mode: String, Hashable, Codable, Sendable { case rows, columns }

  public var factor: Double
  public var mode: Mode

  public init(factor: Double = 0.01, mode: Mode = .rows) {
    self.factor = factor
    self.mode = mode
  }

  /// - Parameter w: a matrix.
  public func callAsFunction(_ w: Expr) -> Expr {
    let vectors = mode == .rows ? w : w.transposed()
    let units = unitVectors(vectors, 1)
    let n = vectors.shape.first?.constant ?? 1
    let others = 1 - Expr.eye(Dim(n), w.dtype)
    let cosines = abs(matmul(units, units.transposed()) * others)
    return Expr(factor * 0.5) * sum(cosines) / Expr(Double(n) * Double(n - 1) / 2)
  }
}

extension Regularizer where Self == L1L2 {
  /// `factor · sum(|w|)`.
  public static func l1(_ factor: Double = 0.01) -> L1L2 { L1L2(l1: factor) }
  /// `factor · sum(w²)`.
  public static func l2(_ factor: Double = 0.01) -> L1L2 { L1L2(l2: factor) }
  public static func l1l2(l1: Double = 0.01, l2: Double = 0.01) -> L1L2 { L1L2(l1: l1, l2: l2) }
}

extension Regularizer where Self == OrthogonalRegularizer {
  public static func orthogonal(
    factor: Double = 0.01, mode: OrthogonalRegularizer.Mode = .rows
  ) -> OrthogonalRegularizer { OrthogonalRegularizer(factor: factor, mode: mode) }
}
