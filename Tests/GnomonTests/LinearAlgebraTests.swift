import CRuntime
import Gnomon
import GnomonIR
import GnomonKernels
import GnomonNative
import GnomonOperations
import GnomonTensors
import Testing

/// Routines on matrices in all stages: the reference, the interpreter of loops, C alone and with LAPACK.
@Suite struct LinearAlgebraTests {
  init() { _ = usesOwnCache }

  /// The results of all routines that are determined by their operands, of a batch of square matrices.
  private static func program(_ dtype: DType) throws -> Graph {
    let x = Expr.input("x", dtype, ["b", "n", "n"])
    let one = Expr.eye("n", dtype)
    let p = matmul(x, x.transposed()) + one
    let t = p + size(of: x, axis: 1).cast(to: dtype) * one
    var results = [cholesky(p)]
    results += luOf(x) + [logDeterminant(x).logarithm]
    for isTransposed in [false, true] {
      results.append(
        .make(
          LinearSolve(isTransposed: isTransposed), [p] + luOf(p) + [x], at: .unknown))
      for isLower in [false, true] {
        for b in [x, x[.all, .all, 0].expanded(axis: 2)] {
          results.append(solveTriangular(t, b, lower: isLower, transposed: isTransposed))
        }
      }
    }
    let (q, r) = qr(p)
    let (w, v) = eigh(x)
    let (u, s, vt) = svd(p)
    results += [q, r, w, matmul(v * w.expanded(axis: -2), v.transposed())]
    results += [s, matmul(u * s.expanded(axis: -2), vt)]
    let line = x[.all, 0]
    results.append(tridiagonalSolve(lower: line, diagonal: abs(line) + 6, upper: line, x))
    return try Graph.build(name: "routines", inputs: [x], results: results)
  }

  private static func luOf(_ x: Expr) -> [Expr] {
    let factors = luFactor(x)
    return [factors.factors, factors.permutation]
  }

  @Test(arguments: [DType.float32, .float64])
  func `the reference, loop nests, C and LAPACK agree`(_ dtype: DType) throws {
    let graph = try Self.program(dtype)
    let staged = try StagedProgram(graph)
    #expect(staged.program.usesRoutines)
    var loaded = try LoadedProgram(staged)
    for (count, n) in [(0, 3), (3, 1), (3, 2), (3, 7), (1, 26), (1, 34)] {
      let x = Tensor.normal(dtype, [count, n, n], seed: UInt64(n + 1))
      let expected = try Interpreter(graph).run([x])
      let tolerance = (dtype == .float32 ? 2e-5 : 1e-13) * Double(n + 1)
      func check(_ found: [Tensor], _ what: String) {
        for (k, (a, b)) in zip(found, expected).enumerated() {
          let scale = Swift.max(1, b.doubles.map(\.magnitude).max() ?? 1)
          let worst = zip(a.doubles, b.doubles).map { abs($0 - $1) / scale }.max() ?? 0
          #expect(worst <= tolerance, "\(what) of \(n) by \(n), result \(k)")
        }
      }
      loaded.blas = nil
      let alone = try loaded.run([x])
      check(alone, "C")
      if n < 10 {
        for (k, (a, b)) in zip(try staged.runLoops([x], workers: 2), alone).enumerated() {
          #expect(sameBits(a, b), "loops, result \(k): \(firstDifference(a, b))")
        }
      }
      loaded.blas = BLASLibrary.shared?.table
      let fast = try loaded.run([x])
      check(fast, "C with LAPACK")
      for (a, b) in zip(try loaded.run([x], threads: 2), fast) { #expect(a.identical(to: b)) }
    }
  }

  @Test func `a compiled loop solves a system in every step, and so does its derivative`() throws {
    let c = Expr.input("c", .float64, [3])
    let x = root(from: ones(like: c)) { x in x * x * x + sum(x) - c }.value
    let graph = try Graph.build(
      name: "root", inputs: [c], results: [x, gradient(of: sum(x), withRespectTo: c)])
    let value = Tensor([4, 5, 9] as [Double])
    let loaded = try LoadedProgram(StagedProgram(graph))
    let (expected, found) = (try Interpreter(graph).run([value]), try loaded.run([value]))
    for (a, b) in zip(found, expected) {
      #expect(zip(a.doubles, b.doubles).allSatisfy { abs($0 - $1) <= 1e-12 })
    }
    let y = found[0].doubles
    for (k, target) in [4.0, 5, 9].enumerated() {
      #expect(abs(y[k] * y[k] * y[k] + y.reduce(0, +) - target) <= 1e-10)
    }
  }

  @Test func `OpenBLAS brings LAPACK`() throws {
    guard let library = BLASLibrary.shared, library.configuration != nil else { return }
    let table = try #require(library.table.pointee.lapack)
    #expect(table.pointee.dgesdd != nil && table.pointee.sgeqrf != nil)
  }

  @Test func `no decomposition of NaN and infinity, in all stages`() throws {
    for n in [3, 30] {
      let x = Expr.input("x", .float64, [Dim(n), Dim(n)])
      let (u, s, vt) = svd(x, full: true)
      let (w, v) = eigh(x)
      let graph = try Graph.build(name: "invalid", inputs: [x], results: [u, s, vt, w, v])
      var values = Tensor.normal(.float64, [n, n], seed: 1).doubles
      values[n] = .nan
      let bad = Tensor(dtype: .float64, shape: [n, n], doubles: values)
      var loaded = try LoadedProgram(StagedProgram(graph))
      loaded.blas = BLASLibrary.shared?.table
      for results in [try Interpreter(graph).run([bad]), try loaded.run([bad])] {
        #expect(results.allSatisfy { $0.doubles.allSatisfy(\.isNaN) })
      }
    }
  }

  @Test func `vectors that a matrix does not determine are orthonormal all the same`() throws {
    for (m, n) in [(5, 3), (3, 5), (4, 4), (3, 0), (40, 30)] {
      let x = Expr.input("x", .float64, [Dim(m), Dim(n)])
      let (u, s, vt) = svd(x, full: true)
      let (q, r) = qr(x, complete: true)
      let k = min(m, n)
      let again = matmul(
        u.part(rows: Dim(m), columns: Dim(k)) * s.expanded(axis: 0),
        vt.part(rows: Dim(k), columns: Dim(n)))
      let graph = try Graph.build(
        name: "full", inputs: [x],
        results: [
          matmul(u.transposed(), u), matmul(vt, vt.transposed()), matmul(q.transposed(), q), again,
          matmul(q, r),
        ])
      // Of rank 1.
      let a = Tensor.normal(.float64, [m], seed: 3).doubles
      let b = Tensor.normal(.float64, [n], seed: 4).doubles
      let matrix = Tensor(
        dtype: .float64, shape: [m, n], doubles: a.flatMap { p in b.map { p * $0 } })
      var loaded = try LoadedProgram(StagedProgram(graph))
      let alone = try loaded.run([matrix])
      loaded.blas = BLASLibrary.shared?.table
      for results in [try Interpreter(graph).run([matrix]), alone, try loaded.run([matrix])] {
        for (result, size) in zip(results, [m, n, m]) {
          let one = Tensor.eye(size, .float64).doubles
          #expect(zip(result.doubles, one).allSatisfy { abs($0 - $1) < 1e-12 })
        }
        for result in results[3...] {
          #expect(zip(result.doubles, matrix.doubles).allSatisfy { abs($0 - $1) < 1e-12 })
        }
      }
    }
  }
}
