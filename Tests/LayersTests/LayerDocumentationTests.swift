import Foundation
import GnomonIR
import GnomonLayers
import GoldenFiles
import Testing

/// The docstrings of the layers: each has what it must have, and its example is the test of
/// `DocumentationExamples.swift`, which is made from the docstrings.
@Suite struct LayerDocumentationTests {
  @Test func `the examples of the docstrings are the tests of DocumentationExamples`() throws {
    try GoldenFile.check(
      "Tests/LayersTests/DocumentationExamples.swift",
      equals: DocumentationExample.file(Documented.all))
  }

  @Test(arguments: Documented.all.filter(\.isConcreteLayer))
  func `a layer's docstring has formula, shapes, weights and an example`(
    _ layer: Documented
  ) {
    #expect(layer.summary.contains("`"), "a formula in the first paragraph")
    #expect(layer.prose.contains("- Input"), "the shapes of inputs and outputs")
    #expect(layer.prose.contains("eights"), "the weights, or that there are none")
    #expect(layer.example.contains { $0.contains("// [") }, "an example with its result's shape")
  }

  @Test func `all layers are looked at`() {
    let names = Set(Documented.all.filter(\.isConcreteLayer).map(\.name))
    #expect(names.count > 90)
    #expect(names.isSuperset(of: ["Dense", "LSTMCell", "Conv3DTranspose", "Dropout", "Softmax"]))
    #expect(names.isDisjoint(with: ["PlainConvolution", "Merge", "Optimizer", "Layer"]))
  }
}

/// A public class of the library with its docstring.
struct Documented: Sendable, CustomTestStringConvertible {
  let name: String
  let superclass: String
  /// The source file, from the root of the package.
  let path: String
  /// The docstring without `/// `.
  let lines: [String]

  var testDescription: String { name }

  /// What stands before the first empty line.
  var summary: String { lines.prefix { !$0.isEmpty }.joined(separator: "\n") }
  var prose: String { lines.filter { !$0.hasPrefix("    ") }.joined(separator: "\n") }

  /// The indented lines that follow an empty one or each other, empty ones between them included.
  var example: [String] {
    var found: [String] = []
    var held = 0
    var isInside = false
    var before = ""
    for line in lines {
      if line.hasPrefix("    "), isInside || before.isEmpty {
        found += Array(repeating: "", count: found.isEmpty ? 0 : held) + [String(line.dropFirst(4))]
        (held, isInside) = (0, true)
      } else if line.isEmpty, isInside {
        held += 1
      } else {
        isInside = false
      }
      before = line
    }
    return found
  }

  /// Whether it is a layer for use, rather than what several share.
  var isConcreteLayer: Bool {
    Documented.layers.contains(name) && !Documented.shared.contains(name)
  }

  /// Bases of layers, and layers whose formula their user writes.
  private static let shared: Set<String> = [
    "SpatialLayer", "ConvolutionLayer", "PlainConvolution", "TransposedConvolution",
    "DepthwiseConvolution", "SeparableConvolution", "WindowPooling", "MaxPooling", "AveragePooling",
    "GlobalPooling", "GlobalMaxPooling", "GlobalAveragePooling", "AdaptivePooling",
    "AdaptiveMaxPooling", "AdaptiveAveragePooling", "ZeroPadding", "Cropping", "UpSampling",
    "SpatialDropout", "Merge", "RandomLayer", "GatedCell", "RNNCell", "Layer", "Model",
    "Sequential",
  ]

  private static let layers: Set<String> = {
    let bases = Dictionary(all.map { ($0.name, $0.superclass) }, uniquingKeysWith: { a, _ in a })
    func isLayer(_ name: String) -> Bool {
      name == "Layer" || bases[name].map { $0 != name && isLayer($0) } ?? false
    }
    return Set(all.map(\.name).filter(isLayer))
  }()

  /// All public classes of `Sources/Layers`, by file.
  static let all: [Documented] = {
    let folder = GoldenFile.root.appending(path: "Sources/Layers").path
    let names = (FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? [])
    return names.filter { $0.hasSuffix(".swift") }.sorted().flatMap { name -> [Documented] in
      let path = "Sources/Layers/\(name)"
      let url = GoldenFile.root.appending(path: path)
      let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
      return classes(of: text, path: path)
    }
  }()

  private static func classes(of text: String, path: String) -> [Documented] {
    var found: [Documented] = []
    var comment: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("///") {
        comment.append(String(line.dropFirst(line.hasPrefix("/// ") ? 4 : 3)))
        continue
      }
      if let match = line.firstMatch(of: /^(?:open|public(?: final)?) class (\w+)(?:: (\w+))?/) {
        found.append(
          Documented(
            name: String(match.1), superclass: String(match.2 ?? ""), path: path, lines: comment))
      }
      comment = []
    }
    return found
  }
}

/// An example as a test.
enum DocumentationExample {
  static func file(_ classes: [Documented]) -> String {
    let tests = classes.filter { isTest($0.example) }.map(test)
    return """
      // swift-format-ignore-file
      // Made from the docstrings of Sources/Layers by `BLESS=1 swift test --filter LayerDocumentation`.
      import GnomonLayers
      import Testing

      @Suite(.seeded) struct DocumentationExamples {
      \(tests.joined(separator: "\n"))}

      """
  }

  /// Only what states a shape can be checked.
  private static func isTest(_ example: [String]) -> Bool {
    example.contains { $0.contains("// [") }
  }

  private static func test(_ documented: Documented) -> String {
    var lines: [String] = []
    for line in documented.example {
      lines.append(line)
      guard let comment = line.range(of: "// ["),
        let match = line.firstMatch(of: /let \(?([\w, ]+?)\)?(?:: [^=]+)? =\s/)
      else { continue }
      let names = match.1.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      let shapes = line[line.index(comment.lowerBound, offsetBy: 3)...]
      for (name, shape) in zip(names, shapes.split(separator: "],")) {
        let text = shape.trimmingCharacters(in: .whitespaces)
        lines.append("try expectShape(\(name), \"\(text)\(text.hasSuffix("]") ? "" : "]")\")")
      }
    }
    let body = lines.map { $0.isEmpty ? "" : "    \($0)" }.joined(separator: "\n")
    return
      "  // \(documented.path)\n  @Test func `the example of \(documented.name)`() throws {\n\(body)\n  }\n"
  }
}

/// An expression has the shape that its docstring says, and its program is well formed.
func expectShape(
  _ value: Expr, _ shape: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let inputs = Graph.parameters(of: [value]).filter {
    $0.isPlaceholder && $0.id != Expr.training.id
  }
  _ = try compile(inputs: inputs, outputs: [value], options: CompileOptions(interpreted: true))
  let found = "[" + value.shape.map(\.description).joined(separator: ", ") + "]"
  #expect(found == shape, sourceLocation: sourceLocation)
}
