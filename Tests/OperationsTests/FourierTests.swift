import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

/// Transforms and complex numbers in the reference interpreter: derivatives, batches, names and refusals.
@Suite struct FourierTests {
  /// A polynomial of the results with a weight for each element, so that no derivative vanishes by
  /// symmetry.
  private static func loss(_ results: [Expr]) -> Expr {
    results.enumerated().map { k, y in
      let weights = Expr.constant(sample(y.shape.map { $0.constant! }, seed: 70 + UInt64(k)))
      return sum(y * y * weights + y * 0.3 * weights)
    }.reduce(0, +)
  }

  private static func parts(_ list: [ComplexExpr]) -> [Expr] {
    list.flatMap { [$0.real, $0.imaginary] }
  }

  private static let functions: [String: @Sendable (ComplexExpr) -> [ComplexExpr]] = [
    "fft": { [fft($0), ifft($0, axis: 0, norm: .ortho)] },
    "fft2": { [fft2($0), ifft2($0)] },
    "fftn": { [fftn($0, norm: .forward), ifftn($0, axes: [0])] },
    "rfft": { [rfft($0.real), complex(irfft($0, n: 7)), complex(irfft($0, axis: 0))] },
    "arithmetic": { [$0 * $0 - $0 / ($0 + 3), 2 / conj($0 + 3), -$0 * $0.real] },
    "functions": { [exp($0) * log($0 + 3), sqrt($0 - 2), sin($0), cos($0), power($0 + 2, $0)] },
    "magnitudes": { [complex(abs($0), angle($0 + 2)), complexFromPolar($0.real, $0.imaginary)] },
    "matrices": {
      [matmul($0, $0.adjoint()), solve(matmul($0, $0.adjoint()) + 5 * Expr.eye(3, .float64), $0)]
    },
  ]

  private static let shortTimes: [String: @Sendable (Expr) -> [Expr]] = [
    "slices": { x in
      let z = stft(x, length: 4, stride: 2, fftLength: 5)
      return parts([z]) + [istft(z, length: 4, stride: 2, fftLength: 5)]
    },
    "indices": { x in
      let z = stft(x, length: 17, stride: 1, fftLength: 17, window: .hamming, center: false)
      return parts([z])
        + [istft(z, length: 17, stride: 1, fftLength: 17, window: .hamming, center: false)]
    },
  ]

  @Test(arguments: shortTimes.keys.sorted())
  func `derivatives by a signal through its short times, against difference quotients`(
    name: String
  ) throws {
    let f = try #require(Self.shortTimes[name])
    try expectGradient([sample([2, 19], seed: 66)], tolerance: 1e-6) { Self.loss(f($0[0])) }
  }

  @Test(arguments: [12, 13, 40])
  func `a signal of a named length comes back from its short times`(n: Int) throws {
    let x = Expr.input("x", .float64, ["batch", "n"])
    let z = stft(x, length: 8, stride: 2, fftLength: 8)
    #expect(z.shape == ["batch", Dim("n").quotient(dividingBy: 2) + 1, 5])
    let back = istft(z, length: 8, stride: 2, fftLength: 8)
    let value = sample([2, n], seed: 67)
    let found = try Reference.run([back], [(x, value)])[0]
    #expect(found.shape == [2, n / 2 * 2])
    let expected = value.doubles
    for row in 0..<2 {
      for i in 0..<(n / 2 * 2) {
        #expect(abs(found.doubles[row * (n / 2 * 2) + i] - expected[row * n + i]) < 1e-12)
      }
    }
  }

  @Test func `short times that do not fit are refused`() throws {
    let x = Expr.input("x", .float32, [20])
    let z = complex(Expr.input("z", .float32, [4, 5]))
    func code(_ e: Expr) throws -> DiagnosticCode { try diagnostic(of: e).code }
    #expect(try code(stft(x, length: 9, stride: 2, fftLength: 8).real) == .invalidAttribute)
    #expect(try code(stft(x, length: 8, stride: 0, fftLength: 8).real) == .invalidAttribute)
    #expect(try code(stft(x, length: 40, stride: 1, fftLength: 40).real) == .invalidAttribute)
    #expect(
      try code(stft(x, length: 21, stride: 1, fftLength: 21, center: false).real)
        == .invalidAttribute)
    #expect(
      try code(stft(x, length: 8, stride: 1, fftLength: 8, window: .samples(x)).real)
        == .shapeMismatch)
    #expect(try code(istft(z, length: 8, stride: 2, fftLength: 10)) == .invalidAttribute)
    #expect(try code(istft(z, length: 8, stride: 2, fftLength: 8, count: 11)) == .invalidAttribute)
    #expect(try code(extractSequences(x, length: 3, stride: -1)) == .invalidAttribute)
    #expect(try code(extractSequences(x[0], length: 1, stride: 1)) == .rankMismatch)
    let n = Expr.input("n", .int32, [20])
    #expect(try code(stft(n, length: 8, stride: 1, fftLength: 8).real) == .dtypeMismatch)
  }

  @Test(arguments: functions.keys.sorted())
  func `derivatives by both parts, against difference quotients`(name: String) throws {
    let f = try #require(Self.functions[name])
    // The truncated quotient's error is 1e-10 of the third derivative.
    try expectGradient([sample([3, 4], seed: 61), sample([3, 4], seed: 62)], tolerance: 1e-6) {
      Self.loss(Self.parts(f(complex($0[0], $0[1]))))
    }
  }

  @Test func `second derivatives of a power spectrum, against difference quotients`() throws {
    try expectGradient([sample([6], seed: 63)], tolerance: 1e-6) { x in
      let y = rfft(x[0])
      let power = Self.loss([y.real * y.real + y.imaginary * y.imaginary])
      return Self.loss([gradient(of: power, withRespectTo: [x[0]])[0]])
    }
  }

  @Test func `each is batched as one example after the other`() throws {
    let x = Expr.input("x", .float64, [2, 3, 4, 6])
    func body(_ x: Expr) -> [Expr] {
      let z = complex(x[0], x[1])
      return Self.parts([fft(z), fft2(z), ifft(z, axis: 0), rfft(x[0]), exp(z) / z])
        + [irfft(z, n: 11), fftShift(x[0])]
    }
    let all = vectorize([x.swapAxes(0, 1)]) { body($0[0]) }
    let one = (0..<3).map { body(x[.all, $0]) }
    let expected = all.indices.map { k in stack(one.map { $0[k] }) }
    let found = try Reference.run(all + expected, [(x, sample([2, 3, 4, 6], seed: 64))])
    for k in all.indices {
      #expect(found[k].identical(to: found[all.count + k]), "result \(k)")
    }
  }

  @Test(arguments: [1, 2, 7, 8])
  func `a length with a name comes back`(n: Int) throws {
    let x = Expr.input("x", .float64, ["batch", "n"])
    let z = rfft(x)
    #expect(z.shape == ["batch", Dim("n").quotient(dividingBy: 2) + 1])
    let back = irfft(z, n: "n")
    #expect(back.shape == x.shape)
    let value = sample([2, n], seed: 65)
    let found = try Reference.run(
      [back, ifftShift(fftShift(x)), ifft(fft(x, norm: .ortho), norm: .ortho).real], [(x, value)])
    #expect(found[1].identical(to: value))
    for y in [found[0], found[2]] {
      #expect(zip(y.doubles, value.doubles).allSatisfy { abs($0 - $1) < 1e-14 })
    }
  }

  @Test func `lines of no numbers stay, and have no half`() throws {
    let x = Expr.input("x", .float32, [3, 0])
    let y = fft(x)
    #expect(try Reference.run(y.real, [(x, Tensor.zeros(.float32, [3, 0]))]).shape == [3, 0])
    #expect(try diagnostic(of: rfft(x).real).code == .invalidAttribute)
    #expect(try diagnostic(of: irfft(complex(x))).code == .invalidAttribute)
  }

  @Test func `what cannot be transformed is refused`() throws {
    let x = Expr.input("x", .float32, [4])
    let d = Expr.input("d", .float64, [4])
    let n = Expr.input("n", .int32, [4])
    let h = Expr.input("h", .float16, [4])
    let z = complex(x, x)
    #expect(try diagnostic(of: complex(x, d).real).code == .dtypeMismatch)
    #expect(try diagnostic(of: fft(n).real).code == .dtypeMismatch)
    #expect(try diagnostic(of: rfft(h).imaginary).code == .dtypeMismatch)
    #expect(try diagnostic(of: fft(z, axis: 1).real).code == .axisOutOfRange)
    #expect(try diagnostic(of: fft2(z).real).code == .axisOutOfRange)
    #expect(try diagnostic(of: fftn(z, axes: [0, -1]).real).code == .duplicateAxis)
    #expect(try diagnostic(of: irfft(z, n: 9)).code == .invalidAttribute)
    #expect(try diagnostic(of: irfft(z, n: "n")).code == .invalidAttribute)
    #expect(try diagnostic(of: irfft(complex(x[..<1]))).code == .invalidAttribute)
    #expect(try diagnostic(of: fftShift(x, axes: [2])).code == .axisOutOfRange)
    #expect(try diagnostic(of: Expr.fftFrequencies(0)).code == .invalidAttribute)
    #expect(try diagnostic(of: solve(z, z).real).code == .rankMismatch)
    #expect((z + complex(.input("y", .float32, [3]))).isInvalid)
  }
}
