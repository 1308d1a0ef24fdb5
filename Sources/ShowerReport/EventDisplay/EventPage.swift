internal import ShowerModel

/// Positions on the page of an event, in pixels from its top left corner.
struct EventPage: Sendable {
  /// Rectangle in pixels, y downwards.
  struct Frame: Sendable {
    var left: Double
    var right: Double
    var top: Double
    var bottom: Double
    var width: Double { right - left }
  }

  let width = 1400.0
  let height: Double
  let footprint: Frame
  let lateral: Frame
  let lateralResidual: Frame
  let front: Frame
  let frontResidual: Frame
  /// Left ends of the columns of the title block.
  let columns: [Double] = [178, 290, 425, 545, 665, 808, 948, 1090, 1230]
  /// Line of the titles of the upper panels.
  let titleLine: Double
  /// Lines of the keys under the footprint.
  let sizeKeyLine: Double
  let partKeyLine: Double
  /// Line of the title of the waveforms.
  let waveformTitleLine: Double
  /// Plots in a row of waveforms.
  let waveformsInRow: Int
  /// Left end of the title of the waveforms and of the first plot.
  let waveformLeft: Double

  private let waveformTop: Double
  private let waveformHeight: Double
  private let waveformPitch: Double

  /// A page with waveforms below; without a fit they take the place of what is missing.
  ///
  /// - Parameters:
  ///   - count: number of waveforms.
  ///   - hasFit: whether there is a fit to draw.
  ///   - methods: lines of the table between those of the standard fit and of the truth.
  init(waveforms count: Int, hasFit: Bool, methods: Int) {
    let shift = 22 * Double(max(methods - 1, 0))
    func frame(_ left: Double, _ right: Double, _ top: Double, _ bottom: Double) -> Frame {
      Frame(left: left, right: right, top: top + shift, bottom: bottom + shift)
    }
    footprint = frame(78, 508, 205, 635)
    lateral = frame(672, 985, 205, 522)
    lateralResidual = frame(672, 985, 537, 635)
    front = frame(1090, 1385, 205, 522)
    frontResidual = frame(1090, 1385, 537, 635)
    (titleLine, sizeKeyLine, partKeyLine) = (178 + shift, 712 + shift, 746 + shift)
    (waveformsInRow, waveformLeft) = hasFit ? (4, footprint.left) : (2, lateral.left)
    (waveformTop, waveformHeight, waveformPitch) =
      hasFit ? (830 + shift, 135, 205) : (221 + shift, 150, 230)
    waveformTitleLine = hasFit ? 786 + shift : titleLine
    let rows = (count + waveformsInRow - 1) / waveformsInRow
    let end = waveformTop + Double(rows - 1) * waveformPitch + waveformHeight + 55
    height = max(end, partKeyLine + 28)
  }

  /// Place of a waveform plot by its number.
  func waveform(_ number: Int) -> Frame {
    let (row, column) = number.quotientAndRemainder(dividingBy: waveformsInRow)
    let (left, gap, right) = (waveformLeft, 62.0, front.right)
    let slots = Double(waveformsInRow)
    let slot = (right - left - (slots - 1) * gap) / slots
    let x = left + Double(column) * (slot + gap)
    let y = waveformTop + Double(row) * waveformPitch
    return Frame(left: x, right: x + slot, top: y, bottom: y + waveformHeight)
  }

  /// A point in fractions of the page from its lower left corner, `x,y`.
  func fractions(_ x: Double, _ y: Double) -> String {
    "\(rounded(x / width)),\(rounded(1 - y / height))"
  }

  func screen(_ x: Double, _ y: Double) -> String { "screen \(fractions(x, y))" }

  /// Puts the next plot into a frame.
  func margins(_ frame: Frame) -> String {
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
