internal import Foundation
internal import Gnomon

/// Draws the figures of all epochs to a file, anew after each: SVG, or PNG if the name ends so.
///
///     try model.fit(x, y, epochs: 20, callbacks: [TrainingCurves("curves.svg")])
///
/// A chart for each figure, training and validation in it.
public final class TrainingCurves: Callback {
  private let path: String
  private let history = History()

  public init(_ path: String) { self.path = path }

  override public func onTrainBegin() { history.onTrainBegin() }

  override public func onEpochEnd(_ epoch: Int, _ logs: Logs) throws {
    history.onEpochEnd(epoch, logs)
    let drawing = Curves(history).drawing
    let isPNG = path.lowercased().hasSuffix(".png")
    let data = isPNG ? Data(drawing.png) : Data(drawing.svg.utf8)
    do {
      try data.write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw TensorError.file(
        path: path, reason: "it cannot be written: \(error.localizedDescription)")
    }
  }
}

extension History {
  /// The course of the figures as an SVG file.
  public var svg: String { Curves(self).drawing.svg }
}
