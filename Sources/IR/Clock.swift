internal import Synchronization

/// A counter that threads may share.
package final class Clock: Sendable {
  private let value = Atomic<Int>(0)
  package init() {}

  package func next() -> Int { value.add(1, ordering: .relaxed).newValue }
  package var now: Int { value.load(ordering: .relaxed) }
}
