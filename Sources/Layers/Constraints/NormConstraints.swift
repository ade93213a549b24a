public import Gnomon

/// Keeps the length of each vector along an axis at or below a maximum.
public struct MaxNorm: Constraint, Hashable, Codable {
  public var maximum: Double
  /// The axes of one vector; for a dense kernel 0, so that each unit has its own.
  public var axes: [Int]

  public init(_ maximum: Double = 2, axes: [Int] = [0]) {
    self.maximum = maximum
    self.axes = axes
  }

  public func callAsFunction(_ w: Expr) -> Expr {
    let lengths = lengths(of: w, along: axes)
    return w * (clip(lengths, 0, Expr(maximum)) / (Expr(constraintEpsilon) + lengths))
  }
}

/// Sets what is below 0 to 0.
public struct NonNegative: Constraint, Hashable, Codable {
  public init() {}
  public func callAsFunction(_ w: Expr) -> Expr { Gnomon.maximum(w, 0) }
}

/// Brings each vector along an axis to length 1.
public struct UnitNorm: Constraint, Hashable, Codable {
  public var axes: [Int]

  public init(axes: [Int] = [0]) { self.axes = axes }

  public func callAsFunction(_ w: Expr) -> Expr {
    w / (Expr(constraintEpsilon) + lengths(of: w, along: axes))
  }
}

/// Moves the length of each vector along an axis to between two bounds, all the way or a part of it.
public struct MinMaxNorm: Constraint, Hashable, Codable {
  public var minimum: Double
  public var maximum: Double
  /// 1 moves the length into the bounds at once, less moves it by that share in each step.
  public var rate: Double
  public var axes: [Int]

  public init(minimum: Double = 0, maximum: Double = 1, rate: Double = 1, axes: [Int] = [0]) {
    self.minimum = minimum
    self.maximum = maximum
    self.rate = rate
    self.axes = axes
  }

  public func callAsFunction(_ w: Expr) -> Expr {
    let lengths = lengths(of: w, along: axes)
    let bounded = clip(lengths, Expr(minimum), Expr(maximum))
    let wanted = Expr(rate) * bounded + Expr(1 - rate) * lengths
    return w * (wanted / (Expr(constraintEpsilon) + lengths))
  }
}

/// What keeps a vector of zeros finite.
private let constraintEpsilon = 1e-7

private func lengths(of w: Expr, along axes: [Int]) -> Expr {
  sqrt(sum(square(w), axes: axes, keepDims: true))
}

extension Constraint where Self == MaxNorm {
  public static func maxNorm(_ maximum: Double = 2, axes: [Int] = [0]) -> MaxNorm {
    MaxNorm(maximum, axes: axes)
  }
}

extension Constraint where Self == NonNegative {
  public static var nonNegative: NonNegative { NonNegative() }
}

extension Constraint where Self == UnitNorm {
  public static func unitNorm(axes: [Int] = [0]) -> UnitNorm { UnitNorm(axes: axes) }
}

extension Constraint where Self == MinMaxNorm {
  public static func minMaxNorm(
    minimum: Double = 0, maximum: Double = 1, rate: Double = 1, axes: [Int] = [0]
  ) -> MinMaxNorm { MinMaxNorm(minimum: minimum, maximum: maximum, rate: rate, axes: axes) }
}
