internal import Foundation

/// A complex number for the reference meanings.
struct Complex64 {
  var re: Double
  var im: Double
  init(_ re: Double, _ im: Double = 0) {
    self.re = re
    self.im = im
  }
  var conjugate: Complex64 { Complex64(re, -im) }
  var magnitude: Double { Foundation.hypot(re, im) }
  static func + (a: Complex64, b: Complex64) -> Complex64 { Complex64(a.re + b.re, a.im + b.im) }
  static func - (a: Complex64, b: Complex64) -> Complex64 { Complex64(a.re - b.re, a.im - b.im) }
  static func * (a: Complex64, b: Complex64) -> Complex64 {
    Complex64(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)
  }
  static func / (a: Complex64, b: Complex64) -> Complex64 {
    let d = b.re * b.re + b.im * b.im
    return Complex64((a.re * b.re + a.im * b.im) / d, (a.im * b.re - a.re * b.im) / d)
  }
}

extension DenseMatrix {
  /// Eigenvalues as the roots that the simultaneous iteration of QR leaves on the diagonal, each vector
  /// by inverse iteration: slow, and sharing nothing with the routine.
  var eigen: (values: [Complex64], vectors: [[Complex64]]) {
    // In units of a power of two, so that no square overflows or vanishes.
    let size = values.map(\.magnitude).max() ?? 0
    let unit = size > 0 ? size.binade : 1
    var scaled = self
    scaled.values = values.map { $0 / unit }
    let found = scaled.unitEigenvalues
    return (
      found.map { Complex64($0.re * unit, $0.im * unit) }, found.map { scaled.vector(of: $0) }
    )
  }

  /// Of a matrix whose largest element is near 1.
  private var unitEigenvalues: [Complex64] {
    let n = rows
    var a = (0..<n).map { i in (0..<n).map { Complex64(self[i, $0]) } }
    // Shifted QR by Gram-Schmidt on the leading part that is not yet done.
    var end = n
    var steps = 0
    while end > 1 && steps < 500 * n {
      let below = (0..<(end - 1)).map { a[end - 1][$0].magnitude }.max() ?? 0
      if below <= 1e-15 {
        end -= 1
        continue
      }
      steps += 1
      let last = a[end - 1][end - 1]
      let shift =
        steps % 11 == 0
        ? last + Complex64(below, 0.7 * below)
        : steps < 4 ? last + Complex64(0.3 * below, 0.5 * below) : last
      var q = (0..<end).map { j in
        (0..<end).map { i in i == j ? a[i][j] - shift : a[i][j] }
      }
      var r = (0..<end).map { _ in [Complex64](repeating: Complex64(0), count: end) }
      for j in 0..<end {
        for again in 0..<2 {
          for k in 0..<j {
            let d = zip(q[k], q[j]).reduce(Complex64(0)) { $0 + $1.0.conjugate * $1.1 }
            q[j] = zip(q[j], q[k]).map { $0 - d * $1 }
            r[k][j] = again == 0 ? d : r[k][j] + d
          }
        }
        let norm = q[j].reduce(0) { $0 + $1.re * $1.re + $1.im * $1.im }.squareRoot()
        r[j][j] = Complex64(norm)
        q[j] = q[j].map { norm == 0 ? Complex64(0) : Complex64($0.re / norm, $0.im / norm) }
      }
      // R Q + shift
      for i in 0..<end {
        for j in 0..<end {
          let total = (i..<end).reduce(Complex64(0)) { $0 + r[i][$1] * q[j][$1] }
          a[i][j] = i == j ? total + shift : total
        }
      }
    }
    var found = (0..<n).map { a[$0][$0] }
    // Those of a real matrix are real, or pairs.
    var free = Set(0..<n)
    for i in 0..<n where free.remove(i) != nil {
      func distance(_ j: Int) -> Double { (found[j] - found[i].conjugate).magnitude }
      let other = free.sorted().min { distance($0) < distance($1) }
      if found[i].im.magnitude > 1e-14, let other, distance(other) < distance(i) {
        found[other] = found[i].conjugate
        free.remove(other)
      } else {
        found[i].im = 0
      }
    }
    found.sort { $0.re != $1.re ? $0.re < $1.re : $0.im < $1.im }
    return found
  }

  /// The unit vector that (A - w)⁻¹ enlarges most.
  private func vector(of w: Complex64) -> [Complex64] {
    let n = rows
    var x = (0..<n).map { Complex64(1 + 0.1 * Double($0), w.im == 0 ? 0 : 0.2 * Double($0)) }
    // Next to the value, so that no pivot is 0.
    let shifted = w + Complex64(4e-16 * (1 + w.magnitude))
    for _ in 0..<4 {
      var a = (0..<n).map { i in
        (0..<n).map { j in
          Complex64(self[i, j]) - (i == j ? shifted : Complex64(0))
        } + [x[i]]
      }
      for c in 0..<n {
        let p = (c..<n).max { a[$0][c].magnitude < a[$1][c].magnitude }!
        a.swapAt(c, p)
        for i in (c + 1)..<Swift.max(c + 1, n) {
          let f = a[i][c] / a[c][c]
          for j in c...n { a[i][j] = a[i][j] - f * a[c][j] }
        }
      }
      for i in (0..<n).reversed() {
        let known = ((i + 1)..<Swift.max(i + 1, n)).reduce(Complex64(0)) { $0 + a[i][$1] * x[$1] }
        x[i] = (a[i][n] - known) / a[i][i]
      }
      let size = Complex64(x.map(\.magnitude).max() ?? 1)
      x = x.map { $0 / size }
      let norm = x.reduce(0) { $0 + $1.re * $1.re + $1.im * $1.im }.squareRoot()
      x = x.map { Complex64($0.re / norm, $0.im / norm) }
    }
    let largest = x.map(\.magnitude).max() ?? 1
    let first = x.first { $0.magnitude >= 0.9 * largest } ?? Complex64(1)
    let phase = first.conjugate / Complex64(first.magnitude)
    return x.map { $0 * phase }
  }
}
