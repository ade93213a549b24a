package import GnomonTensors

/// A computation on whole matrices that is no loop over independent elements: a factorization, a solve,
/// a transform. The runtime does it for one matrix after the other of a batch (`gnomon_dense.c`).
package struct Routine: Hashable, Sendable {
  /// The numbers are those of `gnomon_runtime.h`.
  package enum Kind: Int32, Hashable, Sendable, CaseIterable {
    case cholesky = 1
    case triangularSolve = 2
    case lu = 3
    case linearSolve = 4
    case qr = 5
    case eigh = 6
    case svd = 7
    case tridiagonalSolve = 8
    case eig = 9
    case sylvester = 10
    case fourier = 11
  }

  package var kind: Kind
  package var options: Int32
  /// The precision: float32 or float64.
  package var dtype: DType
  /// The sizes of one matrix, as the routine wants them.
  package var sizes: [Dim]
  /// How many of the last axes of each operand belong to one matrix.
  package var operandRanks: [Int]
  /// The same of each result.
  package var resultRanks: [Int]
  /// The elements of memory that one matrix needs besides.
  package var workspace: Dim
  /// The floating-point operations for one matrix, roughly.
  package var flops: Dim

  package init(
    _ kind: Kind, options: Int32 = 0, _ dtype: DType, sizes: [Dim], operandRanks: [Int],
    resultRanks: [Int], workspace: Dim = 0, flops: Dim
  ) {
    self.kind = kind
    self.options = options
    self.dtype = dtype
    self.sizes = sizes
    self.operandRanks = operandRanks
    self.resultRanks = resultRanks
    self.workspace = workspace
    self.flops = flops
  }
}
