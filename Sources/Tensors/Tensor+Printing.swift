extension Tensor: CustomStringConvertible, CustomDebugStringConvertible {
  /// The elements as NumPy prints them: aligned, at most 8 digits after the point, and with `...`
  /// for the middle of tensors of more than 1000 elements.
  public var description: String {
    if rank == 0 { return scalarText }
    return Layout(self, separator: " ", width: 75, prefix: 0).text
  }

  /// The elements with commas, and dtype and shape where the elements do not show them.
  public var debugDescription: String {
    let body =
      rank == 0
      ? scalarText : Layout(self, separator: ", ", width: 74, prefix: "Tensor(".count).text
    let hidden = elementCount > Layout.threshold || (elementCount == 0 && shape != [0])
    return "Tensor(\(body), dtype: \(dtype)" + (hidden ? ", shape: \(shape))" : ")")
  }

  private var scalarText: String {
    dtype.isFloat ? FloatFormat.scalar(double(at: 0), dtype) : integerText(at: 0)
  }

  fileprivate func integerText(at offset: Int) -> String {
    let value = integer(at: offset)
    return switch dtype {
    case .bool: value == 0 ? "False" : "True"
    case .uint64: "\(UInt64(bitPattern: value))"
    default: "\(value)"
    }
  }
}

/// The text of a tensor: which elements are shown, their words, and where the lines break.
private struct Layout {
  static let threshold = 1000
  private static let edge = 3

  let sizes: [Int]
  let separator: String
  let summarizes: Bool
  var words: [String] = []
  /// The next word to be placed.
  var next = 0
  var text = ""

  init(_ tensor: Tensor, separator: String, width: Int, prefix: Int) {
    sizes = Array(tensor.shape)
    self.separator = separator
    summarizes = tensor.elementCount > Layout.threshold
    guard tensor.elementCount > 0 else {
      text = "[]"
      return
    }
    words = Layout.words(tensor, offsets: shownOffsets())
    text = block(axis: 0, indent: String(repeating: " ", count: prefix + 1), width: width)
  }

  private func isCut(_ axis: Int) -> Bool { summarizes && sizes[axis] > 2 * Layout.edge }

  private func shownIndices(_ axis: Int) -> [Int] {
    let n = sizes[axis]
    return isCut(axis)
      ? Array(0..<Layout.edge) + Array((n - Layout.edge)..<n) : Array(0..<n)
  }

  private func shownOffsets() -> [Int] {
    var offsets = [0]
    for axis in sizes.indices {
      let indices = shownIndices(axis)
      offsets = offsets.flatMap { base in indices.map { base * sizes[axis] + $0 } }
    }
    return offsets
  }

  private static func words(_ tensor: Tensor, offsets: [Int]) -> [String] {
    if tensor.dtype.isFloat {
      let values = offsets.map(tensor.double(at:))
      let format = FloatFormat(values, tensor.dtype)
      return values.map(format.text)
    }
    let words = offsets.map(tensor.integerText(at:))
    // NumPy gives every bool five places, also when all are true.
    let width = tensor.dtype == .bool ? 5 : words.map(\.count).max() ?? 0
    return words.map { String(repeating: " ", count: width - $0.count) + $0 }
  }

  /// One bracketed block, without the indent of its first line.
  private mutating func block(axis: Int, indent: String, width: Int) -> String {
    let body =
      axis == sizes.count - 1
      ? row(indent: indent, width: width - 1)
      : rows(axis: axis, indent: indent, width: width)
    return "[\(body.dropFirst(indent.count))]"
  }

  private mutating func rows(axis: Int, indent: String, width: Int) -> String {
    let trimmed = separator == " " ? "" : ","
    let lineEnd = trimmed + String(repeating: "\n", count: sizes.count - axis - 1)
    var parts: [String] = []
    for i in shownIndices(axis).indices {
      if isCut(axis), i == Layout.edge { parts.append(indent + "...") }
      parts.append(indent + block(axis: axis + 1, indent: indent + " ", width: width - 1))
    }
    return parts.joined(separator: lineEnd)
  }

  private mutating func row(indent: String, width: Int) -> String {
    let axis = sizes.count - 1
    let shown = shownIndices(axis).count
    var lines = ""
    var line = indent
    func extend(_ word: String) {
      if line.count + word.count > width, line.count > indent.count {
        while line.hasSuffix(" ") { line.removeLast() }
        lines += line + "\n"
        line = indent
      }
      line += word
    }
    for i in 0..<shown {
      if isCut(axis), i == Layout.edge {
        extend("...")
        line += separator
      }
      extend(words[next])
      next += 1
      if i < shown - 1 { line += separator }
    }
    return lines + line
  }
}
