/// What made a value above the level of single operations: for the layers, the call of a layer.
///
/// A node holds its maker, so that whoever holds a value can ask where it comes from; a maker must not
/// hold the nodes it made.
open class ExprMaker {
  public init() {}

  /// Gives up the values that this maker holds, so that long chains can be released one by one.
  open func releaseValues() -> [Expr] { [] }
}
