package import GnomonIR

/// All ops of the language, by family. The parser, the documentation and the tests that check every
/// op read this table; a test fails when a file of `Operations/` declares an op that is not here.
package let operationTable: [any Op.Type] = [
  // The language
  Constant.self, DenseConstant.self, Fused.self, Copy.self,
  // Elementwise
  Add.self, Subtract.self, Multiply.self, Negate.self, Tanh.self,
  Divide.self, Remainder.self, Power.self, Maximum.self, Minimum.self,
  Exp.self, Expm1.self, Log.self, Log1p.self, SquareRoot.self, ReciprocalSquareRoot.self,
  Absolute.self, Sign.self, Floor.self, Ceiling.self, Round.self,
  Bitcast.self, Truncate.self, Sine.self, Cosine.self, Tangent.self, Sigmoid.self, Softplus.self,
  ErrorFunction.self, ArcSine.self, ArcCosine.self, ArcTangent.self, ArcTangent2.self,
  HyperbolicSine.self, HyperbolicCosine.self, InverseHyperbolicSine.self,
  InverseHyperbolicCosine.self, InverseHyperbolicTangent.self, ExponentialBase2.self,
  LogBase2.self, LogBase10.self, LogAddExp.self, CubeRoot.self, ShiftLeft.self, ShiftRight.self,
  Equal.self, NotEqual.self, Less.self, LessEqual.self, Not.self, And.self, Or.self,
  ExclusiveOr.self, Select.self, Cast.self, StopGradient.self,
  // Special functions
  ComplementaryErrorFunction.self, ScaledComplementaryErrorFunction.self,
  InverseErrorFunction.self, InverseComplementaryErrorFunction.self, LogGamma.self, Gamma.self,
  Digamma.self, BesselI0Scaled.self, BesselI1Scaled.self, BesselJ0.self, BesselJ1.self,
  // Reductions
  Sum.self, Product.self, Max.self, Min.self, AnyTrue.self, AllTrue.self, ArgumentMaximum.self,
  ArgumentMinimum.self,
  // Shape
  Reshape.self, Broadcast.self, Size.self, Transpose.self, Concatenate.self, Slice.self, Pad.self,
  Iota.self,
  // Indexing
  CheckIndex.self, Gather.self, GatherAlong.self, ScatterAdd.self, ScatterUpdate.self,
  // Ordering
  Cumulative.self, Order.self,
  // Contractions
  Contract.self, Diagonal.self, DiagonalEmbed.self,
  // Linear algebra
  Cholesky.self, TriangularSolve.self, LU.self, LinearSolve.self, QR.self, SymmetricEigen.self,
  SVD.self, TridiagonalSolve.self, MatrixInverse.self, Eigen.self,
  Sylvester.self,
  // Transforms
  Fourier.self,
  // Convolution
  Convolution.self, ConvolutionInputGradient.self, ConvolutionKernelGradient.self,
  MaxPool.self, MaxPoolGradient.self, MaxPoolTake.self, SumPool.self, SumPoolGradient.self,
  // Random
  RandomBits.self,
  // Control
  Branch.self, Scan.self, While.self,
  // Derivatives
  CustomGradient.self, Recompute.self, Barrier.self, UndefinedGradient.self,
  // Debugging
  Assertion.self, CheckFinite.self, Printed.self,
]
