/// What schedules need to know of the machine they are for.
package struct Machine: Hashable, Sendable {
  /// The bytes of a vector register.
  package var vectorBytes: Int
  package var vectorRegisters: Int
  package var firstCacheBytes: Int
  package var secondCacheBytes: Int
  package var cores: Int
  /// The bytes that a kernel touches from which on its results are written past the caches: half of the
  /// last one, or all of one that is no larger than 32 MB.
  package var streamedBytes = 12 << 20
  /// The multiply-adds from which on a BLAS library computes a plain product sooner than tiles do;
  /// nil for never.
  package var librarySteps: Double? = 3e10

  /// Up to which share of its direct time a convolution is computed with fewer multiplications than it
  /// has terms, see `Winograd`: 0 for never.
  package var winogradShare = 0.9

  package init(
    vectorBytes: Int, vectorRegisters: Int, firstCacheBytes: Int = 32 << 10,
    secondCacheBytes: Int = 1 << 20, cores: Int
  ) {
    self.vectorBytes = vectorBytes
    self.vectorRegisters = vectorRegisters
    self.firstCacheBytes = firstCacheBytes
    self.secondCacheBytes = secondCacheBytes
    self.cores = cores
  }

  package static let avx512 = Machine(vectorBytes: 64, vectorRegisters: 32, cores: 2)
  package static let avx2 = Machine(vectorBytes: 32, vectorRegisters: 16, cores: 2)
  package static let sse2 = Machine(vectorBytes: 16, vectorRegisters: 16, cores: 2)
  package static let neon = Machine(vectorBytes: 16, vectorRegisters: 32, cores: 2)
}
