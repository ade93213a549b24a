internal import Gnomon

/// How a weight begins and what is asked of it.
struct WeightOptions {
  var initializer: any Initializer
  var regularizer: (any Regularizer)?
  var constraint: (any Constraint)?
}

extension Layer {
  func addWeight(_ name: String, shape: [Dim], options: WeightOptions) -> Expr {
    addWeight(
      name, shape: shape, initializer: options.initializer, regularizer: options.regularizer,
      constraint: options.constraint)
  }
}
