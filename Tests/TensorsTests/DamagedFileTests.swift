import Foundation
import GnomonTensors
import Testing

/// Reads a file of any kind: npz archives by their name.
private func readAnything(_ path: String) throws -> [Tensor] {
  path.hasSuffix(".npz")
    ? try Tensor.readNPZ(path).map(\.tensor) : [try Tensor(contentsOf: path)]
}

/// The error of reading the bytes as a file, which must be about a file and name it.
private func refusal(of bytes: [UInt8], as path: String) throws -> TensorError? {
  try Data(bytes).write(to: URL(filePath: path))
  do {
    _ = try readAnything(path)
    return nil
  } catch let error as TensorError {
    switch error {
    case .malformed(let named, let position, _):
      #expect(named.hasPrefix(path))
      #expect(position >= 0)
    case .unsupported(let named, _), .file(let named, _): #expect(named.hasPrefix(path))
    default: Issue.record("not an error about a file: \(error)")
    }
    return error
  }
}

private func npy(_ header: String, elements: [UInt8] = []) -> [UInt8] {
  [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + elements
}

@Suite struct DamagedFileTests {
  /// One small file of each kind.
  private static func files() throws -> [(name: String, bytes: [UInt8])] {
    var files: [(name: String, bytes: [UInt8])] = []
    for name in [
      "float32.npy", "fortran-2.npy", "version-2.npy", "stored.npz", "deflated.npz", "zip64.npz",
    ] {
      files.append((name, try bytes(fixture(name))))
    }
    for name in ["x.idx", "x.idx.gz"] {
      try withTemporaryPath(name) { path in
        try fixtureValues(.int16).write(idx: path)
        files.append((name, try bytes(path)))
      }
    }
    return files
  }

  @Test func `every truncation of every kind of file is refused`() throws {
    for (name, whole) in try DamagedFileTests.files() {
      try withTemporaryPath(name) { path in
        #expect(try refusal(of: whole, as: path) == nil)
        for count in whole.indices {
          let error = try refusal(of: Array(whole[..<count]), as: path)
          if error == nil { Issue.record("\(name) cut to \(count) bytes was accepted") }
        }
      }
    }
  }

  @Test func `no damaged byte crashes a reader`() throws {
    for (name, whole) in try DamagedFileTests.files() {
      try withTemporaryPath(name) { path in
        for at in whole.indices {
          // A small change, and one that makes sizes huge.
          for value in [whole[at] ^ 1, 0xFF] where value != whole[at] {
            var damaged = whole
            damaged[at] = value
            _ = try refusal(of: damaged, as: path)
          }
        }
      }
    }
  }

  @Test func `damage to compressed elements is noticed by the checksum`() throws {
    for name in ["deflated.npz", "stored.npz"] {
      let archive = try bytes(fixture(name))
      try withTemporaryPath("x.npz") { path in
        // In the first member's body, after the local header.
        var damaged = archive
        damaged[150] ^= 0x10
        let error = try #require(try refusal(of: damaged, as: path))
        #expect(
          error.description.contains(name == "stored.npz" ? "checksum" : "member")
            || error.description.contains("compressed data"))
      }
    }
  }

  @Test(arguments: [
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } x", 68, "goes on after"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2 3), }", 63, "')' expected"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", 60, "not possible"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': 2, }", 60, "must be a tuple"),
    ("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }", 44, "True or False"),
    ("{'descr': 4, 'fortran_order': False, 'shape': (2,), }", 20, "'descr' must be a string"),
    ("{'descr': '<f4', 'shape': (2,), }", 10, "no key 'fortran_order'"),
    ("{'descr': '<f4', 'descr': '<f4', }", 27, "occurs twice"),
    ("{'descr': '<f4, 'fortran_order", 27, "'}' expected"),
    ("'descr'", 10, "'{' expected"),
    ("{2: 3}", 11, "a key of the header must be a string"),
    ("{'descr': __import__('os')}", 20, "cannot be read"),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", 60,
      "not possible"
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }", 61,
      "cannot be read"
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776,), }", 79,
      "the file ends within the elements: 8796093022208 bytes expected, 8 left"
    ),
  ])
  func `npy headers that break a rule are refused where they do`(
    header: String, position: Int, words: String
  ) throws {
    try withTemporaryPath("x.npy") { path in
      let error = try #require(
        try refusal(of: npy(header, elements: [UInt8](repeating: 0, count: 8)), as: path))
      guard case .malformed(_, let at, let reason) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(reason.contains(words))
      #expect(at == position)
    }
  }

  @Test func `sizes beyond the file are refused before memory is asked for`() throws {
    let huge: [UInt8] = [0, 0, 8, 3] + [UInt8](repeating: 0x7F, count: 12)
    try withTemporaryPath("x.idx") { path in
      let error = try #require(try refusal(of: huge, as: path))
      #expect(error.description.contains("not possible"))
      let large: [UInt8] = [0, 0, 8, 2] + [UInt8](repeating: 0x7F, count: 8)
      #expect(try refusal(of: large, as: path)?.description.contains("ends within") == true)
    }
    // A gzip stream of one stored block with a header that claims 2^31 elements; its checksum is
    // never reached.
    let claims: [UInt8] = [0, 0, 8, 1, 0x7F, 0xFF, 0xFF, 0xFF]
    let block: [UInt8] = [1, 8, 0, 0xF7, 0xFF]
    try withTemporaryPath("x.idx.gz") { path in
      let stream = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + block + claims
      let error = try #require(try refusal(of: stream, as: path))
      #expect(error.description.contains("can hold"))
    }
    var archive = try bytes(fixture("deflated.npz"))
    // The uncompressed size of the first entry of the directory.
    let entry = try #require(
      archive.indices.first { archive[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
    archive.replaceSubrange((entry + 24)..<(entry + 28), with: [0xFF, 0xFF, 0xFF, 0x7F])
    try withTemporaryPath("x.npz") { path in
      let error = try #require(try refusal(of: archive, as: path))
      #expect(error.description.contains("claims 2147483647 bytes"))
      guard case .malformed(_, let position, _) = error else { return }
      #expect(position == entry)
    }
  }

  @Test func `what is no tensor file at all says so`() throws {
    try withTemporaryPath("x.npy") { path in
      for (content, words) in [
        ("", "neither npy nor IDX"), ("hello", "neither npy nor IDX"),
        ("\0\0\u{7}\u{1}", "7 is not a type of IDX"),
      ] {
        let error = try #require(try refusal(of: Array(content.utf8), as: path))
        #expect(error.description.contains(words))
      }
    }
    try withTemporaryPath("x.npz") { path in
      let error = try #require(try refusal(of: Array("hello".utf8), as: path))
      #expect(error.description.contains("no directory at its end"))
    }
  }

  @Test func `bytes after the last element of an IDX file are refused`() throws {
    for name in ["x.idx", "x.idx.gz"] {
      try withTemporaryPath(name) { path in
        try Tensor([1, 2, 3], dtype: .uint8).write(idx: path)
        var file = try bytes(path)
        file.append(9)
        #expect(try refusal(of: file, as: path) != nil)
      }
    }
  }
}
