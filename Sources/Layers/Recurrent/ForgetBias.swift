internal import Gnomon

/// The bias of an LSTM whose forget gate begins open: ones there, and what another initializer gives in the
/// other gates. Jozefowicz and others, *An Empirical Exploration of Recurrent Network Architectures*, 2015.
struct ForgetBias: Initializer {
  let units: Int
  let others: any Initializer

  func callAsFunction(shape: [Int], dtype: DType, seed: UInt64) throws -> Tensor {
    var values = try others(shape: shape, dtype: dtype, seed: seed).doubles
    for i in units..<(2 * units) { values[i] = 1 }
    return Tensor(values).cast(to: dtype)
  }
}
