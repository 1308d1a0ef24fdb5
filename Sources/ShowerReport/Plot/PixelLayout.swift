internal import ShowerModel

/// Rectangle in pixels, y downwards.
struct PixelFrame: Sendable {
  var left: Double
  var right: Double
  var top: Double
  var bottom: Double
  var width: Double { right - left }
}

/// A page on which things have places in pixels from its top left corner.
protocol PixelLayout: Sendable {
  var width: Double { get }
  var height: Double { get }
}

extension PixelLayout {
  /// A point in fractions of the page from its lower left corner, `x,y`.
  func fractions(_ x: Double, _ y: Double) -> String {
    "\(rounded(x / width)),\(rounded(1 - y / height))"
  }

  func screen(_ x: Double, _ y: Double) -> String { "screen \(fractions(x, y))" }

  /// Puts the next plot into a frame.
  func margins(_ frame: PixelFrame) -> String {
    """
    set lmargin at screen \(rounded(frame.left / width))
    set rmargin at screen \(rounded(frame.right / width))
    set bmargin at screen \(rounded(1 - frame.bottom / height))
    set tmargin at screen \(rounded(1 - frame.top / height))
    """
  }

  /// Text at a point, with more of its properties.
  func label(_ text: String, _ x: Double, _ y: Double, _ properties: String = "left") -> String {
    "set label \(text) at \(screen(x, y)) \(properties) front"
  }

  /// A mark of the key with its text to the right of it.
  func mark(_ point: String, _ text: String, _ x: Double, _ y: Double, _ properties: String)
    -> [String]
  {
    [label("''", x, y, "point \(point)"), label(text, x + 14, y, properties)]
  }

  /// Letter and title of a panel.
  func title(_ letter: String, _ text: String, _ x: Double, _ y: Double) -> String {
    label("'{/:Bold \(letter)}  \(text)'", x, y, "left font ',11' textcolor rgb data")
  }
}
