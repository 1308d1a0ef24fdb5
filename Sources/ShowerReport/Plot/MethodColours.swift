/// Colours of methods in all figures and pages.
///
/// Any two of them differ by at least 30 in CIE L*a*b* (ΔE 1976), for normal vision and for people
/// who lack one kind of cones. Each has a contrast of at least 3 with white, as WCAG 2.2 asks of
/// graphics. They were found by a search over colours in steps of 17, and a test checks them.
enum MethodColours {
  static let truth = "#000000"
  static let standard = "#D55E00"
  /// The method that verdict and figures are about.
  static let headline = "#0072B2"
  /// Of further methods, in their order.
  static let others = ["#9900FF", "#771100", "#BB8866", "#331199", "#665555", "#550055"]
  /// Lower layer of a waveform, beside the upper one in dark grey.
  static let lowerLayer = "#2B83BA"

  /// Of the methods of a page, the standard one first.
  static let ofPage = [standard, headline] + others

  /// Names that gnuplot's scripts call the colours by.
  static var script: String {
    let further = others.enumerated().map { "other\($0 + 1) = \"\($1)\"" }
    return (["standard = \"\(standard)\"", "corrected = \"\(headline)\""] + further)
      .joined(separator: "; ")
  }
}
