internal import Gnomon

extension Layer {
  /// Adds the penalty on an output to the loss, per example of the batch, as Keras does.
  final func addActivityLoss(_ regularizer: any Regularizer, _ y: Expr) {
    addLoss(regularizer(y) / size(of: y, axis: 0).cast(to: y.dtype))
  }
}
