/// A kind of layer: reads its line of a specification and writes its part of the program.
///
/// To add one, write a type in `Layers` and name it in the stages that may use it, below.
protocol NetworkLayer: Sendable {
  /// The name in specifications.
  static var name: String { get }

  /// - Throws: `invalidSpecification` for a value that no layer of this kind can have.
  init(_ values: inout LayerValues) throws(NetworkError)

  /// Appends the lines that turn `x`, and says what `x` is afterwards (`rows`, `width`).
  ///
  /// - Throws: `invalidSpecification` where the layer does not fit what comes before.
  func write(to program: inout NetworkProgram) throws(NetworkError)
}

/// The parts of a network, in the order in which an event passes them.
enum NetworkStage: String, CaseIterable {
  /// Over time, for every station with a waveform.
  case encoder
  /// Between the stations with a waveform.
  case stations
  /// Over the N x N cells about the core.
  case grid
  /// For the event as a whole.
  case event

  /// The layers that the part may have.
  var layers: [any NetworkLayer.Type] {
    switch self {
    case .encoder:
      [
        TimeConvolution.self, TimePooling.self, DenseLayer.self, DropoutLayer.self,
        NoiseLayer.self,
      ]
    case .stations:
      [
        DenseLayer.self, ContextLayer.self, MessageLayer.self, AttentionLayer.self,
        SummaryLayer.self, NormalisationLayer.self, DropoutLayer.self, NoiseLayer.self,
      ]
    case .grid:
      [
        DenseLayer.self, ContextLayer.self, GridConvolution.self, ResidualBlock.self,
        DenselyConnectedBlocks.self, GridPooling.self, FlattenLayer.self, SummaryLayer.self,
        NormalisationLayer.self, DropoutLayer.self, NoiseLayer.self,
      ]
    case .event:
      [DenseLayer.self, NormalisationLayer.self, DropoutLayer.self, NoiseLayer.self]
    }
  }
}

/// What the rows of `x` stand for between two layers.
enum LayerRows: Equatable {
  /// Every row is a station with a waveform, holding `width` numbers at each of some times.
  case times(Int)
  /// Every row is a station with a waveform.
  case stations
  /// Every row is one of edge x edge cells of an event, east first, then north.
  case cells(edge: Int)
  /// Every row is an event.
  case events
}

/// How several values become one.
enum Reduction: String, CaseIterable {
  case maximum = "max"
  case average
  case minimum = "min"

  /// The function of TorchScript.
  var function: String {
    switch self {
    case .maximum: "amax"
    case .average: "mean"
    case .minimum: "amin"
    }
  }
}

/// Whether a convolution keeps the size of what it looks at, with zeros beyond the borders.
enum Padding: String, CaseIterable {
  case same
  case valid
}
