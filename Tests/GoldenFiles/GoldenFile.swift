public import Foundation

/// A file of sections divided by lines `---`, below `IR/`.
///
///     for file in GoldenFile.all(in: "IR/passes/simplify-algebra") {
///       try file.check(1, equals: after)        // section 1 is what the pass must give
///     }
///
/// `BLESS=1 swift test` rewrites the checked section instead of failing.
public struct GoldenFile: Sendable {
  /// The path from the root of the package.
  public let path: String
  /// The sections, without the newline at their end.
  public let sections: [String]

  public var name: String {
    String(path.split(separator: "/").last.map { $0.split(separator: ".")[0] } ?? "")
  }

  /// The root of the package.
  public static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Whether golden files are rewritten rather than compared.
  public static let isBlessing = ProcessInfo.processInfo.environment["BLESS"] == "1"

  public init(_ path: String) throws {
    self.path = path
    let text = try String(contentsOf: GoldenFile.root.appending(path: path), encoding: .utf8)
    sections = GoldenFile.split(text)
  }

  /// All files of a folder with the given ending, sorted; traps when there is none, since a test
  /// over nothing passes.
  public static func all(in folder: String, suffix: String = ".ir") -> [GoldenFile] {
    let names =
      (try? FileManager.default.contentsOfDirectory(
        atPath: root.appending(path: folder).path)) ?? []
    let files = names.filter { $0.hasSuffix(suffix) }.sorted()
      .compactMap { try? GoldenFile("\(folder)/\($0)") }
    precondition(!files.isEmpty, "no golden files in \(folder)")
    return files
  }

  static func split(_ text: String) -> [String] {
    var sections: [[Substring]] = [[]]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "---" { sections.append([]) } else { sections[sections.count - 1].append(line) }
    }
    return sections.map {
      var lines = $0
      while lines.last == "" { lines.removeLast() }
      return lines.joined(separator: "\n")
    }
  }

  /// Compares a section with what it must be, or rewrites it when blessing.
  ///
  /// - Throws: `GoldenMismatch`, whose description shows the difference and how to accept it.
  public func check(_ section: Int, equals actual: String) throws {
    var actual = actual
    while actual.hasSuffix("\n") { actual.removeLast() }
    let expected = section < sections.count ? sections[section] : ""
    if actual == expected { return }
    guard GoldenFile.isBlessing else {
      throw GoldenMismatch(path: path, section: section, expected: expected, actual: actual)
    }
    // Read again: another check may have rewritten another section.
    var all = GoldenFile.split(
      try String(contentsOf: GoldenFile.root.appending(path: path), encoding: .utf8))
    while all.count <= section { all.append("") }
    all[section] = actual
    try (all.joined(separator: "\n---\n") + "\n").write(
      to: GoldenFile.root.appending(path: path), atomically: true, encoding: .utf8)
  }

  /// Compares a whole file, which need not exist when blessing.
  public static func check(_ path: String, equals actual: String) throws {
    let url = root.appending(path: path)
    let expected = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    if expected == actual { return }
    guard isBlessing else {
      throw GoldenMismatch(path: path, section: 0, expected: expected, actual: actual)
    }
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try actual.write(to: url, atomically: true, encoding: .utf8)
  }
}

extension GoldenFile: CustomStringConvertible {
  public var description: String { path }
}

/// A golden file that differs from what the code gives.
public struct GoldenMismatch: Error, CustomStringConvertible {
  public let path: String
  public let section: Int
  public let expected: String
  public let actual: String

  public var description: String {
    let old = expected.split(separator: "\n", omittingEmptySubsequences: false)
    let new = actual.split(separator: "\n", omittingEmptySubsequences: false)
    let same = zip(old, new).prefix { $0 == $1 }.count
    func excerpt(_ lines: [Substring], _ mark: String) -> String {
      lines[max(0, min(same - 3, lines.count))..<min(lines.count, same + 8)]
        .map { "\(mark) \($0)" }.joined(separator: "\n")
    }
    return """
      \(path), section \(section), differs from line \(same + 1) on:
      \(excerpt(old, "-"))
      \(excerpt(new, "+"))
      If the new text is right: BLESS=1 swift test, and look at the diff.
      """
  }
}
