import Foundation
import FoundationXML
import Performance
import ShowerModel
import SyntheticComparison
import Testing

@testable import ShowerReport

/// Figures for a journal at their final size.
@Suite struct PaperFigureTests {
  private static let folder = FileManager.default.temporaryDirectory.appending(
    path: "airshower-paper-\(UUID().uuidString)")

  @Test(arguments: PaperSize.allCases) func lettersHaveEightPointsAndNothingIsCutOff(
    size: PaperSize
  ) throws {
    let folder = Self.folder.appending(path: size.rawValue)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var sample = SyntheticSample(events: 500).sample(cuts: .everything)
    try sample.addPolynomial()
    let context = FigureContext(
      sample: sample, comparison: Comparison(sample, settings: .init(replicas: 20)))
    let figures = context.paperFigures(size)
    #expect(
      figures.map(\.name)
        == ["errors", "resolution", "gain", "bias", "explained"].map { "\($0)_\(size.rawValue)" })
    try Gnuplot().draw(Array(figures.prefix(2)), in: folder, as: ["svg", "pdf"])
    for figure in figures.prefix(2) {
      #expect(figure.width == Int(size.width) && figure.commands.contains("'{/:Bold (c)}'"))
      let pdf = try Data(contentsOf: folder.appending(path: "\(figure.name).pdf"))
      #expect(pdf.range(of: Data("/FontFile".utf8)) != nil, "fonts are not embedded")
      let reader = TextPlaces()
      let parser = XMLParser(
        data: try Data(contentsOf: folder.appending(path: "\(figure.name).svg")))
      parser.delegate = reader
      #expect(parser.parse())
      // 96 pixels an inch: 8 pt are 10.67 pixels.
      #expect(reader.sizes.contains { abs($0 - 8 * 96 / 72) < 0.7 }, "\(reader.sizes)")
      #expect(reader.sizes.allSatisfy { $0 < 11.4 }, "\(reader.sizes)")
      let (width, height) = (size.width / 25.4 * 96, Double(figure.height) / 25.4 * 96)
      for place in reader.places {
        #expect(
          (0...width).contains(place.x) && (0...height).contains(place.y),
          "\(figure.name): \(place)")
      }
      #expect(reader.places.count > 20)
    }
  }
}

/// Places and sizes of the texts of an SVG by gnuplot, in pixels.
private final class TextPlaces: NSObject, XMLParserDelegate {
  var places: [SIMD2<Double>] = []
  var sizes: Set<Double> = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    if let size = attributes["font-size"].flatMap(Double.init) { sizes.insert(size) }
    guard name == "g", let transform = attributes["transform"],
      let inside = transform.firstMatch(of: #/translate\(([-0-9.]+),([-0-9.]+)\)/#),
      let x = Double(inside.output.1), let y = Double(inside.output.2)
    else { return }
    places.append([x, y])
  }
}
