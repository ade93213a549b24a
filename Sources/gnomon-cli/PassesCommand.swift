internal import ArgumentParser
internal import Foundation
internal import GnomonIR

/// `gnomon passes`: what `opt` can run.
struct PassesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "passes", abstract: "Lists the passes in the order of the pipeline.")

  func run() {
    let width = Pass.all.map(\.name.count).max() ?? 0
    for pass in Pass.all {
      print(
        "\(pass.name.padding(toLength: width, withPad: " ", startingAt: 0))  \(pass.summary)")
    }
  }
}
