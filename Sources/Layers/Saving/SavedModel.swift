internal import Foundation
internal import Gnomon

/// What a model's file says beside its tensors and its graph.
struct SavedModel: Codable {
  /// The number of the format; a reader refuses numbers above its own.
  static let currentFormat = 1

  struct SavedWeight: Codable {
    let name: String
    let isTrainable: Bool
  }

  struct SavedLayer: Codable {
    let name: String
    let type: String
    let outputShapes: [[Dim]]
    let weights: [String]
    let sources: [String]
  }

  struct SavedUpdate: Codable {
    let variable: String
    let inTrainingOnly: Bool
  }

  var format = SavedModel.currentFormat
  let name: String
  let outputCount: Int
  let lossCount: Int
  let weights: [SavedWeight]
  let states: [String]
  let layers: [SavedLayer]
  let updates: [SavedUpdate]

  // The texts' names in the file.
  static let configKey = "gnomon.model"
  static let graphKey = "gnomon.graph"

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  init(
    name: String, outputCount: Int, lossCount: Int, weights: [SavedWeight], states: [String],
    layers: [SavedLayer], updates: [SavedUpdate]
  ) {
    self.name = name
    self.outputCount = outputCount
    self.lossCount = lossCount
    self.weights = weights
    self.states = states
    self.layers = layers
    self.updates = updates
  }

  init(json: String, path: String) throws {
    struct Version: Decodable { let format: Int }
    let data = Data(json.utf8)
    guard let version = try? JSONDecoder().decode(Version.self, from: data) else {
      throw TensorError.malformed(
        path: path, position: 8, reason: "the model's description is damaged")
    }
    guard version.format <= SavedModel.currentFormat else {
      throw TensorError.unsupported(
        path: path, reason: "written by a later version (format \(version.format))")
    }
    guard let saved = try? JSONDecoder().decode(SavedModel.self, from: data) else {
      throw TensorError.malformed(
        path: path, position: 8, reason: "the model's description is damaged")
    }
    self = saved
  }
}
