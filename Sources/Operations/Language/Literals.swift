public import GnomonIR

// Number literals are weak: they take the dtype of the other operand.
extension Expr: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  @_transparent public init(floatLiteral value: Double) { self = ._literal(value, .here()) }
  @_transparent public init(integerLiteral value: Int) { self = ._literal(Double(value), .here()) }

  /// A weak number: it takes the dtype of what it meets.
  @_transparent public init(_ value: Double) { self = ._literal(value, .here()) }

  @usableFromInline static func _literal(_ value: Double, _ at: Location) -> Expr {
    .literal(value, at: at)
  }
}
