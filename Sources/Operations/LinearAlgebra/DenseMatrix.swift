internal import Foundation

/// A small matrix of doubles for the reference meanings of linear algebra; a vector is a column.
package struct DenseMatrix {
  package var rows: Int
  package var columns: Int
  package var values: [Double]

  package init(_ rows: Int, _ columns: Int, _ value: (Int, Int) -> Double = { _, _ in 0 }) {
    self.rows = rows
    self.columns = columns
    values = (0..<rows).flatMap { i in (0..<columns).map { value(i, $0) } }
  }

  package init(_ shape: [Int], _ values: [Double]) {
    rows = shape.first ?? 1
    columns = shape.count > 1 ? shape[1] : 1
    self.values = values
  }

  package static func identity(_ n: Int) -> DenseMatrix { DenseMatrix(n, n) { $0 == $1 ? 1 : 0 } }

  package subscript(i: Int, j: Int) -> Double {
    get { values[i * columns + j] }
    set { values[i * columns + j] = newValue }
  }

  package var transposed: DenseMatrix { DenseMatrix(columns, rows) { self[$1, $0] } }

  package static func * (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix {
    DenseMatrix(a.rows, b.columns) { i, j in
      (0..<a.columns).reduce(0) { $0 + a[i, $1] * b[$1, j] }
    }
  }

  package mutating func swapRows(_ a: Int, _ b: Int) {
    for j in 0..<columns { values.swapAt(a * columns + j, b * columns + j) }
  }

  package func column(_ j: Int) -> [Double] { (0..<rows).map { self[$0, j] } }

  package func reorderingColumns(_ order: [Int]) -> DenseMatrix {
    DenseMatrix(rows, order.count) { self[$0, order[$1]] }
  }

  /// All elements NaN.
  package var invalid: DenseMatrix { DenseMatrix(rows, columns) { _, _ in .nan } }
}

extension [Double] {
  /// -1 for a vector that is turned round: of its elements that are at least 0.9 times as large as the
  /// largest, the first one shall be positive.
  var turn: Double {
    let largest = map(\.magnitude).max() ?? 0
    return (first { $0.magnitude >= 0.9 * largest } ?? 1) < 0 ? -1 : 1
  }
}
