internal import ArgumentParser
internal import Foundation
internal import Gnomon

// Usage mistakes end with status 64 and the usage, as ArgumentParser does it; a mistake in a file,
// or something the machine lacks, with status 1 and its own words.
do {
  var command = try GnomonCommand.parseAsRoot()
  try command.run()
} catch let error as CommandFailure {
  fail(error.message)
} catch let error as GnomonError {
  fail("\(error)")
} catch let error as InternalError {
  fail("\(error)")
} catch let error as TensorError {
  fail("error: \(error)")
} catch let error where isNative(error) {
  fail("error: \(error)")
} catch {
  GnomonCommand.exit(withError: error)
}

func fail(_ text: String) -> Never {
  note(text)
  exit(1)
}
