import GnomonLayers
import Testing

/// Gives each test a sequence of random seeds of its own, so that it does the same whatever runs beside it.
struct SeededTrait: SuiteTrait, TestTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await RandomSeeds.starting(at: 1) { try await function() }
  }
}

extension Trait where Self == SeededTrait {
  /// The seeds that initial weights, dropout and shuffling take are the test's own.
  static var seeded: Self { Self() }
}
