internal import Foundation
package import GnomonTensors

/// The state behind a variable: a tensor that whole steps replace. Safe from any thread.
///
/// `@unchecked Sendable`: `tensor` is touched only under `lock`.
package final class VariableStorage: @unchecked Sendable {
  package let name: String
  package let type: TensorType
  private let lock = NSLock()
  private var tensor: Tensor

  package init(name: String, initial: Tensor) {
    self.name = name
    type = TensorType(initial.dtype, initial.shape.map { Dim($0) })
    tensor = initial
  }

  /// The current tensor; waits for a step that is under way.
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

  // MARK: - Steps

  /// Runs a step with all of `storages` locked, each once and in one global order, so that steps
  /// that share variables queue and never wait for each other in a circle.
  package static func locking<R>(_ storages: [VariableStorage], _ step: () throws -> R) rethrows
    -> R
  {
    var ordered: [VariableStorage] = []
    for s in storages where !ordered.contains(where: { $0 === s }) { ordered.append(s) }
    ordered.sort { ObjectIdentifier($0) < ObjectIdentifier($1) }
    for s in ordered { s.lock.lock() }
    defer { for s in ordered.reversed() { s.lock.unlock() } }
    return try step()
  }

  /// The tensor, inside a step.
  package var lockedValue: Tensor {
    get { tensor }
    set { tensor = newValue }
  }

  /// Takes the tensor out, inside a step, so that the caller can tell whether anybody else holds its
  /// memory; a value must be put back before the step ends.
  package func takeLocked() -> Tensor {
    let taken = tensor
    tensor = Self.nothing
    return taken
  }

  private static let nothing = Tensor(uninitialized: .bool, [0])
}
