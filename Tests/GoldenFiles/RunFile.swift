package import GnomonIR
import GnomonOperations
package import GnomonTensors

/// A file of `IR/run/`: a program, then sections with inputs and the outputs they give.
///
///     func @double(%x: f32[n]) -> f32[n] { … }
///     ---
///     input %x = f32[3] [1, -0.5, nan]
///     output f32[3] [2, -1, nan] within 1 ulp
///
/// A section lists the inputs in any order, then the results, then what the variables become, in
/// the program's order. Lines that start with a space continue the line before. Without `within`,
/// outputs are equal bit for bit, except that all NaNs are one. `index error 5 at 1 of 3` instead
/// of outputs stands for a refused index.
package struct RunFile: Sendable, CustomStringConvertible {
  package let file: GoldenFile
  package let program: Graph
  package let cases: [Case]

  package struct Case: Sendable {
    package var section: Int
    package var inputs: [Tensor]
    package var outputs: [Output]
    package var failure: IndexFailure?
    var inputLines: [String]
  }

  package struct Output: Sendable {
    package var tensor: Tensor
    package var ulp: UInt64
  }

  /// What executes a program: the interpreter, or a later stage.
  package typealias Runner = @Sendable (Graph, [Tensor]) throws -> [Tensor]

  /// The reference meaning.
  package static let interpreter: Runner = { try Interpreter($0).run($1) }

  package var description: String { file.path }

  package static func all(in folder: String = "IR/run") throws -> [RunFile] {
    try GoldenFile.all(in: folder).map { try RunFile($0) }
  }

  package init(_ file: GoldenFile) throws {
    self.file = file
    program = try Graph(
      parsing: file.sections[0], operations: operationTable, file: file.path)
    let program = program
    cases = try file.sections.indices.dropFirst().map {
      try Case(section: $0, file.sections[$0], program, path: file.path)
    }
  }

  /// Executes every section; blessing rewrites the outputs when `isReference`.
  package func check(_ run: Runner, isReference: Bool = false) throws {
    for one in cases {
      let results: [Tensor]
      do { results = try run(program, one.inputs) } catch {
        let failure = (error as? LocatedFailure)?.failure ?? error as? IndexFailure
        guard let failure else { throw error }
        if failure == one.failure { continue }
        guard isReference && GoldenFile.isBlessing else {
          throw RunMismatch(message: "\(file.path), section \(one.section): \(failure)")
        }
        let line = "index error \(failure.index) at \(failure.position) of \(failure.bound)"
        try file.check(
          one.section, equals: (one.inputLines + [line]).joined(separator: "\n"))
        continue
      }
      if let mismatch = mismatch(one, results) {
        guard isReference && GoldenFile.isBlessing else {
          throw RunMismatch(
            message: "\(file.path), section \(one.section): \(mismatch)\n"
              + "If the reference is right: BLESS=1 swift test, and look at the diff.")
        }
        let lines = results.enumerated().map { i, t in
          let ulp = one.outputs.indices.contains(i) ? one.outputs[i].ulp : 0
          return "output \(t.irText)" + (ulp == 0 ? "" : " within \(ulp) ulp")
        }
        try file.check(one.section, equals: (one.inputLines + lines).joined(separator: "\n"))
      }
    }
  }

  private func mismatch(_ one: Case, _ results: [Tensor]) -> String? {
    if let failure = one.failure { return "expected \(failure)" }
    guard results.count == one.outputs.count else {
      return "\(results.count) outputs, expected \(one.outputs.count)"
    }
    for (i, (result, output)) in zip(results, one.outputs).enumerated() {
      let expected = output.tensor
      guard result.dtype == expected.dtype, result.shape == expected.shape else {
        return "output \(i) is \(result.irText), expected \(expected.irText)"
      }
      for (k, (a, b)) in zip(result.bits, expected.bits).enumerated()
      where !RunFile.areClose(a, b, result.dtype, ulp: output.ulp) {
        let (x, y) = (ScalarValue(result.dtype, bits: a), ScalarValue(result.dtype, bits: b))
        return "output \(i), element \(k) is \(x.text), expected \(y.text)"
      }
    }
    return nil
  }

  /// Whether two elements differ by at most `ulp` units in the last place.
  package static func areClose(_ a: UInt64, _ b: UInt64, _ dtype: DType, ulp: UInt64) -> Bool {
    if ScalarValue(dtype, bits: a) == ScalarValue(dtype, bits: b) { return true }
    guard dtype.isFloat, ulp > 0 else { return false }
    let (x, y) = (ScalarValue(dtype, bits: a).double, ScalarValue(dtype, bits: b).double)
    if x.isNaN || y.isNaN { return false }
    // The bits without the sign count up from zero, as the values do.
    let sign: UInt64 = 1 << UInt64(dtype.byteCount * 8 - 1)
    func position(_ bits: UInt64) -> Int64 {
      bits & sign == 0 ? Int64(bits) : -Int64(bits & (sign - 1))
    }
    let (distance, overflow) = position(a).subtractingReportingOverflow(position(b))
    return !overflow && distance.magnitude <= ulp
  }
}

/// A run file whose program gives something else.
package struct RunMismatch: Error, CustomStringConvertible {
  package var message: String
  package var description: String { message }
}

extension RunFile.Case {
  init(section: Int, _ text: String, _ program: Graph, path: String) throws {
    var lines: [String] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("//") {
      if line.hasPrefix(" "), !lines.isEmpty {
        lines[lines.count - 1] += line
      } else {
        lines.append(String(line))
      }
    }
    func malformed(_ line: String) -> RunMismatch {
      RunMismatch(message: "\(path), section \(section): cannot read `\(line)`")
    }
    var given: [String: Tensor] = [:]
    self.section = section
    outputs = []
    inputLines = []
    for line in lines {
      let words = line.split(separator: " ")
      if line.hasPrefix("input %"), let equals = line.firstRange(of: " = ") {
        let name = String(line[line.index(line.startIndex, offsetBy: 7)..<equals.lowerBound])
        guard let tensor = Tensor(irText: line[equals.upperBound...]) else { throw malformed(line) }
        given[name] = tensor
        inputLines.append(line)
      } else if line.hasPrefix("output ") {
        var rest = line.dropFirst(7)
        var ulp: UInt64 = 0
        if let within = rest.firstRange(of: " within ") {
          let tail = rest[within.upperBound...].split(separator: " ")
          guard tail.count == 2, tail[1] == "ulp", let n = UInt64(tail[0]) else {
            throw malformed(line)
          }
          ulp = n
          rest = rest[..<within.lowerBound]
        }
        guard let tensor = Tensor(irText: rest) else { throw malformed(line) }
        outputs.append(RunFile.Output(tensor: tensor, ulp: ulp))
      } else if words.count == 7, line.hasPrefix("index error "), let index = Int64(words[2]),
        let position = Int64(words[4]), let bound = Int64(words[6])
      {
        failure = IndexFailure(index: index, position: position, bound: bound)
      } else {
        throw malformed(line)
      }
    }
    inputs = try program.parameters.map { p in
      let name = program.values[p.index].name ?? "\(p.raw)"
      guard let tensor = given.removeValue(forKey: name) else {
        throw RunMismatch(message: "\(path), section \(section): there is no input %\(name)")
      }
      return tensor
    }
    if let extra = given.keys.first {
      throw RunMismatch(message: "\(path), section \(section): %\(extra) is no parameter")
    }
  }
}

extension Tensor {
  /// Reads `f32[2, 2] [[1, 2], [3, 4]]`; the inner brackets may be left out.
  package init?(irText text: Substring) {
    guard let open = text.firstIndex(of: "["), let close = text.firstIndex(of: "]"), open < close,
      let dtype = DType(irName: text[..<open])
    else { return nil }
    let sizes = text[text.index(after: open)..<close].split(separator: ",").map {
      Int(String($0.filter { $0 != " " }))
    }
    let shape = sizes.compactMap { $0 }
    guard shape.count == sizes.count else { return nil }
    let elements = text[text.index(after: close)...].split { "[], \t".contains($0) }
    let bits = elements.compactMap { ScalarValue(text: "\($0):\(dtype.irName)")?.bits }
    guard bits.count == elements.count, bits.count == shape.reduce(1, *) else { return nil }
    self.init(dtype: dtype, shape: Shape(shape), bits: bits)
  }

  /// The form that `init(irText:)` reads, with every element.
  package var irText: String {
    let sizes = Array(shape)
    var elements = bits.map { ScalarValue(dtype, bits: $0).number }[...]
    func nest(_ axis: Int) -> String {
      if axis == sizes.count { return elements.popFirst() ?? "" }
      return "[" + (0..<sizes[axis]).map { _ in nest(axis + 1) }.joined(separator: ", ") + "]"
    }
    return "\(dtype.irName)[\(sizes.map { "\($0)" }.joined(separator: ", "))] \(nest(0))"
  }
}
