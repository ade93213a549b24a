internal import Foundation
internal import GnomonIR

/// Tells of a mistake where nothing can be thrown: the setter of a property.
func report(_ diagnostic: Diagnostic) {
  FileHandle.standardError.write(Data("\(GnomonError([diagnostic]))\n".utf8))
}
