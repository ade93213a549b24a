package import GnomonIR

/// All ops of the language, by family. The parser, the documentation and the tests that check every
/// op read this table; a test fails when a file of `Operations/` declares an op that is not here.
package let operationTable: [any Op.Type] = [
  // The language
  Constant.self, DenseConstant.self, Fused.self,
  // Elementwise
  Add.self, Subtract.self, Multiply.self, Negate.self, Tanh.self,
  // Reductions
  Sum.self,
  // Shape
  Reshape.self, Broadcast.self,
  // Contractions
  Contract.self,
  // Control
  Branch.self,
]
