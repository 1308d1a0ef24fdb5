internal import ShowerModel

/// Positions on the page of an event, in pixels from its top left corner.
struct EventPage: PixelLayout {
  typealias Frame = PixelFrame

  let width = 1400.0
  let height: Double
  let footprint: Frame
  let lateral: Frame
  let lateralResidual: Frame
  let front: Frame
  let frontResidual: Frame
  /// Cores of all methods, enlarged.
  let cores: Frame
  /// Line of the keys under the lateral distribution and the front.
  let plotKeyLine: Double
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
    cores = frame(1230, 1385, 713, 868)
    plotKeyLine = 702 + shift
    (titleLine, sizeKeyLine, partKeyLine) = (178 + shift, 712 + shift, 746 + shift)
    (waveformsInRow, waveformLeft) = hasFit ? (4, footprint.left) : (2, lateral.left)
    (waveformTop, waveformHeight, waveformPitch) =
      hasFit ? (945 + shift, 135, 205) : (221 + shift, 150, 230)
    waveformTitleLine = hasFit ? 901 + shift : titleLine
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

  /// The legend of a panel, outside of it: no legend lies on points.
  func key(_ left: Double) -> String {
    "set key at \(screen(left, plotKeyLine)) left top Left reverse font ',9' samplen 1.5 "
      + "spacing 1.2"
  }
}
