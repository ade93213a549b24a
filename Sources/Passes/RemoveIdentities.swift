internal import GnomonIR

/// Removes identities: after differentiation, stopping a derivative means nothing.
///
///     %1 = stop_gradient %0 : f32[4]
///     %2 = exp %1 : f32[4]
/// ->
///     %1 = exp %0 : f32[4]
package let removeIdentities = RulePass(
  "remove-identities", "Remove operations that only mattered to differentiation.",
  [
    Rule(
      "stop_gradient(x) = x",
      family: { _, site in
        site.op.facts.isIdentity ? site.operands[0] : nil
      })
  ])
