internal import GnomonTensors

/// erf: x + x q(x²) near 0, and 1 - exp(-p(|x|)) beyond, where p is fitted to -log(erfc) so that the
/// error of the whole is level (the split of N. Juffa's single-precision erf).
func erfProgram(_ form: FloatForm) -> ScalarProgram {
  var b = ScalarBuilder(operands: [form.dtype])
  let x = b.operand(0)
  let a = b.absolute(x)
  let small = b.multiplyAdd(b.polynomial(b.multiply(a, a), form.erfSmall), a, a)
  // From here on erf rounds to 1.
  let p = b.polynomial(b.atMost(form.single ? 3.93 : 5.95, a), form.erfLarge)
  let parts = b.expParts(b.negate(p), form)
  let one = b.number(1, form)
  let large = b.multiplyAdd(
    b.negate(b.expOfRemainder(parts, form)), b.scale(parts.shifted, form), one)
  let y = b.select(b.less(a, b.number(form.single ? 0.921875 : 1, form)), small, large)
  let result = b.sharingSign(y, of: x, form)
  return b.program(results: [result])
}

extension FloatForm {
  /// Table `erf32` or `erf64`, small.
  fileprivate var erfSmall: [Double] {
    single
      ? [
        0x1.06eba60000000p-3, -0x1.8126e20000000p-2, 0x1.ce19840000000p-4, -0x1.b67bd00000000p-6,
        0x1.46d84e0000000p-8, -0x1.386c260000000p-11,
      ]
      : [
        0x1.06eba8214db68p-3, -0x1.812746b03799dp-2, 0x1.ce2f21a03f8afp-4, -0x1.b82ce311a8c89p-6,
        0x1.565bcceea2160p-8, -0x1.c02daea89e6d4p-11, 0x1.f9a294c490adcp-14, -0x1.f4c80803dc33cp-17,
        0x1.b9697aee4b42bp-20, -0x1.5b7ed0a5fac9ap-23, 0x1.d3702043e6e54p-27,
        -0x1.a0c8e7f2a90ddp-31,
      ]
  }

  /// Table `erf32` or `erf64`, large.
  fileprivate var erfLarge: [Double] {
    single
      ? [
        -0x1.6e5b8c0000000p-13, 0x1.2127e40000000p+0, 0x1.44460e0000000p-1, 0x1.bb83c00000000p-4,
        -0x1.9b8df80000000p-6, 0x1.1159dc0000000p-8, -0x1.c78dee0000000p-12, 0x1.61e6e80000000p-16,
      ]
      : [
        0x1.0c2e92b134e6bp-21, 0x1.20dd2058af5dfp+0, 0x1.45f622d8d08d5p-1, 0x1.a4acbc1a03285p-4,
        -0x1.372553dd335e6p-6, -0x1.ada65f35764b0p-12, 0x1.f6044a339f965p-10,
        -0x1.93aa3160cb17cp-11,
        0x1.1a4ac0d45fb0ap-13, 0x1.57a82368ebb27p-16, -0x1.804d6f90b0658p-16, 0x1.23abf4dc82b92p-17,
        -0x1.1f713c78c948bp-19, 0x1.91f6718b2c8dap-22, -0x1.8ff2587e9731bp-25,
        0x1.0f347004d8bc9p-28,
        -0x1.c32f6711e661dp-33, 0x1.5c0b9a8a75243p-38,
      ]
  }
}
