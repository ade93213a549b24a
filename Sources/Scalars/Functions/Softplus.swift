internal import GnomonTensors

/// log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)).
func softplusProgram(_ form: FloatForm) -> ScalarProgram {
  var b = ScalarBuilder(operands: [form.dtype])
  let x = b.operand(0)
  let u = b.expOfNegative(b.negate(b.absolute(x)), form)
  // u lies in [0, 1]: in float32 one polynomial serves, in float64 log1p itself.
  let y =
    form.single
    ? b.multiplyAdd(b.multiply(u, u), b.polynomial(u, softplusCoefficients), u)
    : b.log1pOfFinite(u, form)
  let result = b.add(b.atLeast(0, x), y)
  return b.program(results: [result])
}

/// Table `softplus32`.
private let softplusCoefficients = [
  -0x1.ffffd20000000p-2, 0x1.554dd00000000p-2, -0x1.ff23e80000000p-3, 0x1.934b6c0000000p-3,
  -0x1.3a43bc0000000p-3, 0x1.b4afaa0000000p-4, -0x1.d6b5680000000p-5, 0x1.49204e0000000p-6,
  -0x1.af62220000000p-9,
]
