internal import Foundation
public import Gnomon

/// A table of text: rows of fields between separators, as RFC 4180 has it. Fields in quotes may hold
/// separators, line ends, and quotes written twice.
///
///     let table = try CSVFile(contentsOf: "iris.csv")
///     let x = try table.tensor(columns: ["sepal length", "sepal width"])
public struct CSVFile: Sendable {
  /// The names of the columns; empty if the file has none.
  public let header: [String]
  public let rows: [[String]]

  /// - Parameter hasHeader: whether the first row is names.
  /// - Throws: `TensorError` if the file cannot be read, a quote is not closed, or rows differ in length.
  public init(
    contentsOf path: String, separator: Character = ",", hasHeader: Bool = true
  ) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw TensorError.file(path: path, reason: "it cannot be read")
    }
    try self.init(
      parsing: String(decoding: data, as: UTF8.self), separator: separator, hasHeader: hasHeader,
      path: path)
  }

  /// - Parameter path: what messages call the text.
  public init(
    parsing text: String, separator: Character = ",", hasHeader: Bool = true,
    path: String = "the table"
  ) throws {
    var rows = try CSVFile.fields(text, separator, path)
    header = hasHeader && !rows.isEmpty ? rows.removeFirst() : []
    let width = hasHeader ? header.count : rows.first?.count ?? 0
    if let odd = rows.firstIndex(where: { $0.count != width }) {
      throw TensorError.unsupported(
        path: path,
        reason: "row \(odd + 1) has \(rows[odd].count) fields, the first \(width)")
    }
    self.rows = rows
  }

  private static func fields(
    _ text: String, _ separator: Character, _ path: String
  ) throws -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var field = ""
    var isQuoted = false
    var letters = text.makeIterator()
    var held: Character?
    while let c = held ?? letters.next() {
      held = nil
      if isQuoted {
        guard c == "\"" else {
          field.append(c)
          continue
        }
        held = letters.next()
        if held == "\"" {
          field.append("\"")
          held = nil
        } else {
          isQuoted = false
        }
      } else if c == "\"", field.isEmpty {
        isQuoted = true
      } else if c == separator {
        row.append(field)
        field = ""
      } else if c == "\n" || c == "\r\n" {
        row.append(field)
        field = ""
        if row != [""] { rows.append(row) }
        row = []
      } else {
        field.append(c)
      }
    }
    guard !isQuoted else {
      throw TensorError.malformed(path: path, position: text.utf8.count, reason: "a quote is open")
    }
    row.append(field)
    if row != [""] { rows.append(row) }
    return rows
  }

  /// The text of a column.
  ///
  /// - Throws: `TensorError` if there is no such column.
  public func column(_ name: String) throws -> [String] {
    let i = try position(name)
    return rows.map { $0[i] }
  }

  /// The numbers of some columns, a row of the tensor for each of the file; an empty field is NaN.
  ///
  /// - Parameter columns: names; by default all columns.
  /// - Throws: `TensorError` if there is no such column, or a field is no number.
  public func tensor(columns: [String]? = nil, dtype: DType = .float32) throws -> Tensor {
    let positions =
      try columns.map { try $0.map(position) } ?? Array((rows.first ?? header).indices)
    var values: [Double] = []
    values.reserveCapacity(rows.count * positions.count)
    for (r, row) in rows.enumerated() {
      for i in positions {
        let field = row[i].trimmingCharacters(in: .whitespaces)
        guard let value = field.isEmpty ? .nan : Double(field) else {
          throw TensorError.invalidArgument(
            "row \(r + 1), field \(i + 1): \"\(field)\" is not a number")
        }
        values.append(value)
      }
    }
    return Tensor(dtype: dtype, shape: [rows.count, positions.count], doubles: values)
  }

  private func position(_ name: String) throws -> Int {
    guard let i = header.firstIndex(of: name) else {
      throw TensorError.invalidArgument(
        "there is no column \"\(name)\"; the columns are \(header.joined(separator: ", "))")
    }
    return i
  }
}
