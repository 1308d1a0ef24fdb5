/// Which figures a report has. Drawing them takes a third of the time of a small comparison.
package enum FigureChoice: String, Sendable, CaseIterable {
  /// No figures: numbers alone, and gnuplot is not needed.
  case none
  /// The figures that tell most: what improved, the ladder of methods, width and bias against the
  /// energy. Of data, the distributions of the shifts.
  case main
  /// All figures.
  case all
}
