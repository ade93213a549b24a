import Foundation
import GnomonLayers
import TestSupport
import Testing

/// The mistakes of two tutorials on layers of one's own that the compiler refuses. What it cannot see, a
/// weight that no layer owns and a product the wrong way round, is in `Goldens/diagnostics.txt` under
/// `layer/unregistered-variable` and `layer/transposed-kernel`.
@Suite struct SeedMistakeTests {
  /// The tutorials' layers with their mistakes, and beside each the same without it.
  private static let program = """
    import GnomonLayers

    final class MyDense: Layer {
      let units: Int
      private var wP, bias: Expr!

      init(_ units: Int) {
        self.units = units
        super(MyLayer, self).init()  // error: another class's initializer
        super.init()
      }

      override func build(inputShape: [Dim]) {
        wP = addWeight("W_p", shape: [inputShape[1], Dim(outputDim)])  // error: the property is `units`
        wP = addWeight("W_p", shape: [inputShape[1], Dim(units)])
        bias = addWeight("bias", shape: [Dim(units)])
      }

      override func call(_ x: Expr) -> Expr {
        let y = matmul(x, wM) + bias  // error: only `wP` was made
        return matmul(x, wP) + bias + y
      }
    }

    func model() -> [Layer] {
      [
        NodeEmbedLayer(32),  // error: no such class
        Droput(0.25),  // error: no such class
        Permute((2, 1)),  // error: a pair is no list of axes
        MyDense(32),
        Dropout(0.25),
        Permute(2, 1),
        Permute([2, 1]),
      ]
    }
    """

  @Test func `names that are not there do not compile, each at its line, and the right ones do`()
    throws
  {
    let source = FileManager.default.temporaryDirectory.appending(
      path: "\(UUID().uuidString).swift")
    try Data(Self.program.utf8).write(to: source)
    defer { try? FileManager.default.removeItem(at: source) }
    let errors = try mistakes(in: source)
    let lines = Self.program.components(separatedBy: "\n").enumerated()
    let marked = lines.filter { $0.element.contains("// error") }.map { $0.offset + 1 }
    #expect(Set(errors.map(\.line)) == Set(marked), "\(errors)")
    for name in ["outputDim", "wM", "NodeEmbedLayer", "Droput"] {
      #expect(errors.contains { $0.message.contains("'\(name)'") }, "\(errors)")
    }
  }

  @Test func `axes are permuted by a list of numbers as by an array`() throws {
    let x = Input(shape: [2, 64])
    #expect(Permute(2, 1)(x).shape == ["batch", 64, 2])
    #expect(Permute([2, 1])(x).shape == ["batch", 64, 2])
  }

  /// The errors that the compiler finds, with the modules of this build.
  private func mistakes(in source: URL) throws -> [(line: Int, message: String)] {
    let products = URL(filePath: try BuiltExecutable("save-stress").path)
      .deletingLastPathComponent()
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "swiftc", "-typecheck", "-I", products.appending(path: "Modules").path,
      "-I", root.appending(path: "Sources/CZlib").path, "-Xcc",
      "-fmodule-map-file=\(products.appending(path: "CRuntime.build/module.modulemap").path)",
      source.path,
    ]
    let pipe = Pipe()
    process.standardError = pipe
    try process.run()
    let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return said.components(separatedBy: "\n").compactMap { line in
      let parts = line.components(separatedBy: ": error: ")
      guard parts.count == 2 else { return nil }
      let place = parts[0].split(separator: ":")
      return (place.count > 1 ? Int(place[place.count - 2]) ?? 0 : 0, parts[1])
    }
  }
}
