/// The course of figures over the epochs as a picture: a chart for each figure, that of the training in
/// one color and that of the validation in another.
struct Curves {
  private static let chart = (width: 360.0, height: 240.0)
  private static let margin = (left: 64.0, right: 16.0, top: 28.0, bottom: 32.0)

  private let history: History
  private let names: [String]

  init(_ history: History) {
    self.history = history
    names = history.names.filter { !$0.hasPrefix("val_") }
  }

  /// Two charts side by side, as many rows as it takes.
  var drawing: Drawing {
    let columns = min(2, max(1, names.count))
    let rows = max(1, (names.count + columns - 1) / columns)
    var drawing = Drawing(
      width: columns * Int(Self.chart.width), height: rows * Int(Self.chart.height))
    for (i, name) in names.enumerated() {
      draw(
        name, &drawing, left: Double(i % columns) * Self.chart.width,
        top: Double(i / columns) * Self.chart.height)
    }
    return drawing
  }

  private func draw(_ name: String, _ drawing: inout Drawing, left: Double, top: Double) {
    let (x0, x1) = (left + Self.margin.left, left + Self.chart.width - Self.margin.right)
    let (y0, y1) = (top + Self.margin.top, top + Self.chart.height - Self.margin.bottom)
    let series = [
      (points(name), Drawing.Color.blue), (points("val_" + name), Drawing.Color.orange),
    ].filter { !$0.0.isEmpty }
    let values = series.flatMap { $0.0.map(\.value) }
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    // A curve that does not move lies in the middle.
    let (bottom, height) = high > low ? (low, high - low) : (low - 0.5, 1)
    let last = Double(max(1, history.epochs.last ?? 1))
    let first = Double(history.epochs.first ?? 0)
    let width = max(1, last - first)
    func place(_ point: (epoch: Int, value: Double)) -> (x: Double, y: Double) {
      (
        x0 + (x1 - x0) * (Double(point.epoch) - first) / width,
        y1 - (y1 - y0) * (point.value - bottom) / height
      )
    }
    for step in 0...4 {
      let value = bottom + height * Double(step) / 4
      let y = place((Int(first), value)).y
      drawing.line([(x0, y), (x1, y)], .pale)
      drawing.text(figure(value), x0 - 6, y + 4, .end)
    }
    drawing.line([(x0, y0), (x0, y1), (x1, y1)], .ink)
    drawing.text(name, x0, top + 16, .start, .blue)
    if series.count > 1 { drawing.text("val_" + name, x1, top + 16, .end, .orange) }
    drawing.text("\(Int(first) + 1)", x0, y1 + 16, .middle)
    drawing.text("epoch", (x0 + x1) / 2, y1 + 16, .middle)
    drawing.text("\(Int(last) + 1)", x1, y1 + 16, .end)
    for (points, color) in series { drawing.line(points.map(place), color, width: 2) }
  }

  private func points(_ name: String) -> [(epoch: Int, value: Double)] {
    zip(history.epochs, history.logs).compactMap { epoch, logs in
      logs[name].flatMap { $0.isFinite ? (epoch, $0) : nil }
    }
  }
}
