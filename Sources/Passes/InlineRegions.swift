package import GnomonIR

/// Puts the computation of an op with a derivative of its own in the op's place.
///
///     %1 = recompute %0 : f32[4] { (%x: f32[4]) -> f32[4]  %2 = exp %x  return %2 }
/// ->
///     %1 = exp %0 : f32[4]
///
/// The ops whose lowering is `inlined`: after differentiation they mean their first region and nothing
/// more.
package let inlineRegions = Pass(
  "inline-regions",
  "Put the computation of ops that only mattered to differentiation in their place."
) { try $0.inliningWrappers() }
