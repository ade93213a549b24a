package import Foundation
package import GnomonTensors

/// The state behind a variable: a tensor that whole steps replace. Safe from any thread.
///
/// `@unchecked Sendable`: `tensor` is touched only under `lock`.
package final class VariableStorage: @unchecked Sendable {
  package let name: String
  package let type: TensorType
  private let lock = NSLock()
  private var tensor: Tensor
  /// Held by a compiled function while it updates this variable, so that updaters queue.
  package let updating = NSLock()

  package init(name: String, initial: Tensor) {
    self.name = name
    type = TensorType(initial.dtype, initial.shape.map { Dim($0) })
    tensor = initial
  }

  package var value: Tensor {
    lock.lock()
    defer { lock.unlock() }
    return tensor
  }

  /// Replaces the value; the caller has checked the type.
  package func publish(_ new: Tensor) {
    lock.lock()
    let old = tensor
    tensor = new
    lock.unlock()
    // The old memory is released outside the lock.
    withExtendedLifetime(old) {}
  }

  /// Runs `body` with the tensor, and whether nobody else holds its memory.
  package func withTensor<R>(_ body: (inout Tensor, Bool) throws -> R) rethrows -> R {
    lock.lock()
    defer { lock.unlock() }
    let isUnique = tensor.isUniquelyReferenced()
    return try body(&tensor, isUnique)
  }
}
