internal import Foundation

/// `3.1416`
func fixed(_ value: Double, places: Int) -> String { String(format: "%.\(places)f", value) }

/// `1.2500e-05`
func scientific(_ value: Double, places: Int) -> String { String(format: "%.\(places)e", value) }

/// A time as Keras prints it: `7us`, `12ms`, `3s`, `1:05`, `2:03:10`.
func timeText(_ seconds: Double) -> String {
  let whole = Int(seconds.rounded())
  if seconds >= 3600 {
    return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
  }
  if seconds >= 60 { return String(format: "%d:%02d", whole / 60, whole % 60) }
  if seconds >= 1 || seconds == 0 { return "\(whole)s" }
  if seconds >= 1e-3 { return String(format: "%.0fms", seconds * 1e3) }
  return String(format: "%.0fus", seconds * 1e6)
}
