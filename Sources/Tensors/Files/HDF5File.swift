// The format: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html. Read is what h5py writes by
// default, and Keras with it: version 0 of the superblock, groups as B-trees of names, contiguous or
// compact datasets of numbers. What else there is, is refused by name.

/// The datasets of an HDF5 file, found by their paths.
struct HDF5File {
  private let file: FileBytes
  /// Where the header of each dataset begins, by its path `group/group/name`.
  private(set) var datasets: [String: Int] = [:]

  /// - Throws: `TensorError` with the position where the file is malformed.
  init(_ file: FileBytes) throws(TensorError) {
    self.file = file
    guard file.hasPrefix([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) else {
      throw file.malformed(at: 0, "this is no HDF5 file")
    }
    let version = try file.integer(UInt8.self, at: 8, "the superblock")
    guard version == 0 else {
      throw .unsupported(path: file.path, reason: "HDF5 superblock of version \(version)")
    }
    let offsets = try file.integer(UInt8.self, at: 13, "the superblock")
    let lengths = try file.integer(UInt8.self, at: 14, "the superblock")
    guard offsets == 8, lengths == 8, try address(at: 24, "the superblock") == 0 else {
      throw .unsupported(path: file.path, reason: "HDF5 with other than 8-byte addresses from 0")
    }
    var seen: Set<Int> = []
    try collect(header: try address(at: 64, "the superblock"), path: "", &seen)
  }

  /// The tensor at a path; nil if there is none.
  func tensor(_ path: String) throws(TensorError) -> Tensor? {
    guard let header = datasets[path] else { return nil }
    return try HDF5Dataset(file, path, messages(header)).tensor
  }

  /// Enters what lies below a group's header.
  private mutating func collect(
    header: Int, path: String, _ seen: inout Set<Int>
  ) throws(TensorError) {
    // Groups that hold each other would have no end.
    guard seen.insert(header).inserted, seen.count < 1 << 20, path.utf8.count < 1 << 12 else {
      throw file.malformed(at: header, "the group '\(path)' is part of itself")
    }
    let found = try messages(header)
    guard let table = found.first(where: { $0.kind == .symbolTable }) else {
      if found.contains(where: { $0.kind == .layout }) { datasets[path] = header }
      return
    }
    let tree = try address(at: table.start, "a symbol table")
    let heap = try address(at: table.start + 8, "a symbol table")
    try expect("HEAP", at: heap)
    let size = try address(at: heap + 8, "a heap")
    let names = try address(at: heap + 24, "a heap")
    for node in try leaves(tree) {
      try expect("SNOD", at: node)
      let count = Int(try file.integer(UInt16.self, at: node + 6, "a group"))
      for i in 0..<count {
        let entry = node + 8 + 40 * i
        let name = try text(try address(at: entry, "a group"), in: names, size)
        // Links to other places are left out.
        guard try file.integer(UInt32.self, at: entry + 16, "a group") != 2 else { continue }
        try collect(
          header: try address(at: entry + 8, "a group"),
          path: path.isEmpty ? name : "\(path)/\(name)",
          &seen)
      }
    }
  }

  /// The leaves of a B-tree, in order.
  private func leaves(_ root: Int) throws(TensorError) -> [Int] {
    var found: [Int] = []
    var pending = [root]
    var visited = 0
    while let node = pending.popLast() {
      visited += 1
      guard visited < 1 << 20 else { throw file.malformed(at: root, "a B-tree without end") }
      try expect("TREE", at: node)
      let level = try file.integer(UInt8.self, at: node + 5, "a B-tree")
      let count = Int(try file.integer(UInt16.self, at: node + 6, "a B-tree"))
      var children: [Int] = []
      for i in 0..<count { children.append(try address(at: node + 32 + 16 * i, "a B-tree")) }
      if level == 0 { found += children } else { pending += children.reversed() }
    }
    return found
  }

  /// The messages of an object's header.
  private func messages(_ header: Int) throws(TensorError) -> [HDF5Message] {
    guard try file.integer(UInt8.self, at: header, "an object header") == 1 else {
      throw .unsupported(path: file.path, reason: "HDF5 object headers of another version than 1")
    }
    let length = Int(try file.integer(UInt32.self, at: header + 8, "an object header"))
    var found: [HDF5Message] = []
    var blocks = [(start: header + 16, length: length)]
    var visited = 0
    while let (start, length) = blocks.popLast() {
      visited += 1
      guard visited < 1 << 12 else { throw file.malformed(at: header, "a header without end") }
      try file.require(length, at: start, "an object header")
      var at = start
      while at + 8 <= start + length {
        let kind = try file.integer(UInt16.self, at: at, "a message")
        let size = Int(try file.integer(UInt16.self, at: at + 2, "a message"))
        try file.require(size, at: at + 8, "a message")
        if kind == 0x10 {
          blocks.append(
            (try address(at: at + 8, "a message"), try address(at: at + 16, "a message")))
        } else if let kind = HDF5Message.Kind(rawValue: kind) {
          found.append(HDF5Message(kind: kind, start: at + 8, size: size))
        }
        at += 8 + size
      }
    }
    return found
  }

  private func address(at position: Int, _ what: String) throws(TensorError) -> Int {
    let value = try file.integer(UInt64.self, at: position, what)
    guard value <= UInt64(file.count) else {
      throw file.malformed(at: position, "\(what) points beyond the end of the file")
    }
    return Int(value)
  }

  private func expect(_ signature: String, at position: Int) throws(TensorError) {
    try file.require(4, at: position, "'\(signature)'")
    guard file.bytes[position..<(position + 4)].elementsEqual(signature.utf8) else {
      throw file.malformed(at: position, "'\(signature)' expected")
    }
  }

  private func text(_ offset: Int, in names: Int, _ size: Int) throws(TensorError) -> String {
    try file.require(size, at: names, "a heap")
    guard offset < size else { throw file.malformed(at: names, "a name lies outside its heap") }
    let rest = file.bytes[(names + offset)..<(names + size)]
    return String(decoding: rest.prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// A part of an object's header that is of interest.
struct HDF5Message {
  enum Kind: UInt16 {
    case dataspace = 1
    case datatype = 3
    case layout = 8
    case filters = 11
    case symbolTable = 17
  }

  let kind: Kind
  let start: Int
  let size: Int
}
