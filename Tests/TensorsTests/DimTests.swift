import GnomonTensors
import TestSupport
import Testing

private let n: Dim = "n"
private let m: Dim = "m"
private let h: Dim = "h"

@Suite struct DimTests {
  @Test func `equal polynomials have one form`() {
    #expect((n + 1) * (n + 1) == n * n + 2 * n + 1)
    #expect((n + m) * (n - m) == n * n - m * m)
    #expect(n * m - m * n == 0)
    #expect(n + m + 1 == 1 + m + n)
    #expect(n - n == Dim(0) && (n - n).constant == 0)
    #expect(n * 0 == 0)
    #expect(-(n - m) == m - n)
    #expect((n + m).hashValue == (m + n).hashValue)
    var k = n
    k += m
    k *= 2
    k -= m
    #expect(k == 2 * n + m)
  }

  @Test(arguments: [
    (n, "n"), (2 * n + 1, "2*n + 1"), (1 - n, "-n + 1"), (n * n * m - 3, "m*n*n - 3"),
    (Dim(-4), "-4"), (Dim(0), "0"), (n * m + n + m, "m*n + m + n"),
    ((n + 1).quotient(dividingBy: 2), "floor(n + 1, 2)"),
    (Dim.minimum(n, m) - 2 * Dim.maximum(n, 3), "min(m, n) - 2*max(3, n)"),
    (Dim.axis(3) * 4 + Dim(.loaded(1)), "4*#3 + @1"),
  ])
  func `prints as one writes it`(_ dim: Dim, _ text: String) {
    #expect(dim.description == text)
  }

  @Test func `unusual names are spelled by the caller`() {
    let odd = Dim(named: "a b") * 2 + (Dim(named: "a b") + n).quotient(dividingBy: 2)
    #expect(odd.rendered { $0 == "a b" ? "\"a b\"" : $0 } == "2*\"a b\" + floor(\"a b\" + n, 2)")
  }

  @Test func `a single name, axis or constant is recognized`() {
    #expect(n.name == "n" && (2 * n).name == nil && (n + 1).name == nil && (n * n).name == nil)
    #expect(
      Dim.axis(4).singleAxis == 4 && n.singleAxis == nil && (Dim.axis(4) + 1).singleAxis == nil)
    #expect(Dim(7).constant == 7 && n.constant == nil)
    let deep = Dim.minimum((n + 1).quotient(dividingBy: m), Dim.axis(2)) * h
    #expect(deep.names == ["n", "m", "h"] && deep.axes == [2])
  }

  @Test func `exact quotients stay polynomials`() {
    #expect((6 * n + 4).quotient(dividingBy: 2) == 3 * n + 2)
    #expect((n * m).quotient(dividingBy: m) == n)
    #expect((6 * n * m * m).quotient(dividingBy: 2 * m) == 3 * n * m)
    #expect(((n + 1) * (m - 2) * 3).quotient(dividingBy: n + 1) == 3 * m - 6)
    #expect((n * n - m * m).quotient(dividingBy: n + m) == n - m)
    #expect((n + 1).exactQuotient(by: m) == nil)
    #expect((n * n + 1).exactQuotient(by: n + 1) == nil)
    #expect((3 * n).exactQuotient(by: 2) == nil)
    #expect(n.exactQuotient(by: 0) == nil)
    #expect(Dim(0).exactQuotient(by: n) == 0)
  }

  @Test func `what divides leaves the quotient`() {
    #expect((4 * n + m + 9).quotient(dividingBy: 4) == n + (m + 1).quotient(dividingBy: 4) + 2)
    #expect((m - 3).quotient(dividingBy: 2) + 2 == (m + 1).quotient(dividingBy: 2))
    #expect((4 * n + 3).quotient(dividingBy: 4) == n)
    #expect((4 * n - 1).quotient(dividingBy: 4) == n - 1)
    #expect(n.quotient(dividingBy: 1) == n)
    #expect(n.quotient(dividingBy: 0) == 0)
    #expect(Dim(-7).quotient(dividingBy: 2) == -4 && Dim(7).quotient(dividingBy: -2) == -4)
    #expect(Dim(.min).quotient(dividingBy: -1) == Dim(.max))
  }

  @Test func `minimum and maximum are decided when the difference is known`() {
    #expect(Dim.minimum(n, n + 1) == n && Dim.maximum(n, n + 1) == n + 1)
    #expect(Dim.minimum(3, 4) == 3 && Dim.maximum(3, 4) == 4)
    #expect(Dim.minimum(n, m) == Dim.minimum(m, n) && Dim.maximum(n, m) == Dim.maximum(m, n))
  }

  @Test func `substitution goes into quotients, minima and maxima`() {
    let size = (n + 1).quotient(dividingBy: 2) * Dim.minimum(n, m) + Dim.maximum(n, h) + n
    let replaced = size.substituting { $0 == .name("n") ? 7 : nil }
    #expect(replaced == 4 * Dim.minimum(7, m) + Dim.maximum(7, h) + 7)
    #expect((n * n).substituting { $0 == .name("n") ? m + 1 : nil } == m * m + 2 * m + 1)
    #expect(size.substituting { _ in nil } == size)
    #expect((n.quotient(dividingBy: m)).substituting { $0 == .name("m") ? 0 : nil } == 0)
  }

  @Test func `linear splits off an axis`() throws {
    let i = Dim.axis(0)
    let j = Dim.axis(1)
    let index = n * i * 2 + i + 3 * j + 5
    let (coefficient, rest) = try #require(index.linear(in: 0))
    #expect(coefficient == 2 * n + 1 && rest == 3 * j + 5)
    #expect(index.linear(in: 9)?.coefficient == 0)
    #expect((i * i).linear(in: 0) == nil)
    #expect((i.quotient(dividingBy: 2)).linear(in: 0) == nil)
    #expect((i * i.quotient(dividingBy: 2)).linear(in: 0) == nil)
    #expect((j.quotient(dividingBy: 2) * i).linear(in: 0)?.coefficient == j.quotient(dividingBy: 2))
  }

  @Test func `evaluation needs all names and gives up on overflow`() {
    #expect((n * m + 2).evaluated(names: ["n": 3, "m": 4]) == 14)
    #expect((n * m).evaluated(names: ["n": 3]) == nil)
    #expect(Dim(5).evaluated(names: [:]) == 5)
    #expect((n * n).evaluated(names: ["n": 1 << 32]) == nil)
    #expect((n + 1).evaluated(names: ["n": .max]) == nil)
    #expect(n.quotient(dividingBy: m).evaluated(names: ["n": -7, "m": 2]) == -4)
    #expect(n.quotient(dividingBy: m).evaluated(names: ["n": 7, "m": 0]) == 0)
    #expect(n.quotient(dividingBy: m).evaluated(names: ["n": .min, "m": -1]) == nil)
    #expect(Dim.minimum(n, m).evaluated(names: ["n": 3, "m": 4]) == 3)
    #expect(Dim.maximum(n, m).evaluated(names: ["n": 3, "m": 4]) == 4)
  }

  @Test func `arithmetic saturates instead of trapping`() {
    #expect(Dim(.max) + 1 == Dim(.max) && Dim(.min) - 1 == Dim(.min))
    #expect(Dim(.max) * 2 == Dim(.max) && Dim(.max) * -2 == Dim(.min))
    let wild = Dim(.min) * n
    #expect(wild.quotient(dividingBy: -1).names == ["n"])
    _ = wild.exactQuotient(by: -1)
    _ = (wild * wild + wild).exactQuotient(by: wild - 1)
    #expect(wild.description == "-9223372036854775808*n")
  }

  @Test func `random formulas keep their value under every operation`() {
    var generator = SeededRandom(1)
    func random(_ depth: Int) -> Dim {
      if depth == 0 {
        return Bool.random(using: &generator)
          ? [n, m, h][Int.random(in: 0..<3, using: &generator)]
          : Dim(Int.random(in: -5...5, using: &generator))
      }
      let a = random(depth - 1)
      let b = random(depth - 1)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: return a + b
      case 1: return a - b
      case 2: return a * b
      case 3: return a.quotient(dividingBy: Dim(Int.random(in: 1...6, using: &generator)))
      case 4: return Dim.minimum(a, b)
      default: return Dim.maximum(a, b)
      }
    }
    for _ in 0..<300 {
      let a = random(3)
      let b = random(2)
      let values = [
        "n": Int.random(in: 1...9), "m": Int.random(in: 1...9), "h": Int.random(in: 1...9),
      ]
      guard let x = a.evaluated(names: values), let y = b.evaluated(names: values) else {
        Issue.record("small formulas overflow")
        continue
      }
      #expect((a + b).evaluated(names: values) == x + y)
      #expect((a * b).evaluated(names: values) == x * y)
      #expect(Dim.minimum(a, b).evaluated(names: values) == min(x, y))
      #expect(Dim.maximum(a, b).evaluated(names: values) == max(x, y))
      let third = Int((Double(x) / 3).rounded(.down))
      #expect(a.quotient(dividingBy: 3).evaluated(names: values) == third)
      if y != 0 {
        let floor = Int((Double(x) / Double(y)).rounded(.down))
        #expect(a.quotient(dividingBy: b).evaluated(names: values) == floor)
      }
      if b != Dim(0) { #expect((a * b).exactQuotient(by: b) == a) }
      let substituted = a.substituting { atom in
        if case .name(let name) = atom { values[name].map { Dim($0) } } else { nil }
      }
      #expect(substituted.constant == x)
    }
  }
}
