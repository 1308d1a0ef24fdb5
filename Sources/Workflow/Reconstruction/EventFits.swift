import ShowerModel
import ShowerStore
import StandardReconstruction

/// The parametric fits that `reconstruct` makes of every event. They share pulses and stations.
struct EventFits: Sendable {
  /// One fit of every event, with what it is.
  struct Fit: Sendable {
    let identity: MethodIdentity
    let fit: StandardFit
    /// What its front is; nil for a published one.
    let front: String?
  }

  typealias Made = (result: StandardResult, stations: [StationSignal])

  private let standard: StandardFit
  let selection: QualityCuts
  let all: [Fit]

  /// - Parameters:
  ///   - standard: the fit with a published front.
  ///   - tuned: front of a second fit, if one is to be made.
  ///   - keepsStandard: whether the results of the first are there already.
  ///   - selection: quality cuts to judge the results by.
  init(
    _ standard: StandardFit, tuned: TunedFrontFile?, keepsStandard: Bool, selection: QualityCuts
  ) {
    self.standard = standard
    self.selection = selection
    all =
      (keepsStandard ? [] : [Fit(identity: .standard, fit: standard, front: nil)])
      + (tuned.map { [Fit(standard, tuned: $0)] } ?? [])
  }

  func makeWorkspaces() -> [StandardFit.Workspace] { all.map { $0.fit.makeWorkspace() } }

  /// Results and stations of each fit, judged by the quality cuts.
  func reconstruct(_ events: [Event], in workspaces: [StandardFit.Workspace]) -> [[Made]] {
    let selected = events.map(standard.select)
    return zip(all, workspaces).map { fit, workspace in
      selected.map { event in
        var made = fit.fit.reconstruct(event, workspace: workspace)
        made.result.verdict = selection.verdict(made.result)
        return made
      }
    }
  }

  /// Appends what `reconstruct` made of some events.
  func append(_ made: [[Made]], to writer: EventFileWriter) throws {
    for (fit, made) in zip(all, made) {
      try writer.append(
        standard: made.map(\.result), stations: made.map(\.stations), as: fit.identity,
        selection: selection.json, front: fit.front)
    }
  }
}

extension EventFits.Fit {
  /// The standard fit with a tuned front in the place of its own.
  fileprivate init(_ standard: StandardFit, tuned file: TunedFrontFile) {
    var settings = standard.configuration
    settings.tunedFront = file.front
    self.init(
      identity: .tuned,
      fit: StandardFit(
        array: standard.array, energyTable: standard.energyTable, configuration: settings),
      front: "\(file.front.name), fitted on \(file.origin.date) to \(file.origin.events) events")
  }
}
