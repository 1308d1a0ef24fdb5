import ShowerModel
import ShowerStore
import StandardReconstruction

/// The parametric reconstructions that `reconstruct` makes of every event.
///
/// Joint fits share pulses and stations. The published chain has its own.
struct EventFits: Sendable {
  /// One reconstruction of every event, with what it is.
  struct Fit: Sendable {
    let identity: MethodIdentity
    let chain: Chain
    /// What its front is; nil for a published one.
    let front: String?
  }

  /// How a reconstruction is made.
  enum Chain: Sendable {
    case joint(StandardFit)
    case published(PublishedReconstruction)
  }

  /// Memory of one thread for one reconstruction.
  enum Workspace {
    case joint(StandardFit.Workspace)
    case published(PublishedReconstruction.Workspace)
  }

  typealias Made = (result: StandardResult, stations: [StationSignal])

  private let standard: StandardFit
  let selection: QualityCuts
  let all: [Fit]

  /// - Parameters:
  ///   - standard: the fit with a published front.
  ///   - published: the published chain, if it is to be run.
  ///   - tuned: front of a further fit, if one is to be made.
  ///   - keepsStandard: whether the results of the first are there already.
  ///   - selection: quality cuts to judge the results by.
  init(
    _ standard: StandardFit, published: PublishedReconstruction?, tuned: TunedFrontFile?,
    keepsStandard: Bool, selection: QualityCuts
  ) {
    self.standard = standard
    self.selection = selection
    all =
      (keepsStandard ? [] : [Fit(identity: .standard, chain: .joint(standard), front: nil)])
      + (published.map { [Fit(identity: .published, chain: .published($0), front: nil)] } ?? [])
      + (tuned.map { [Fit(standard, tuned: $0)] } ?? [])
  }

  func makeWorkspaces() -> [Workspace] {
    all.map { fit in
      switch fit.chain {
      case .joint(let fit): .joint(fit.makeWorkspace())
      case .published(let chain): .published(chain.makeWorkspace())
      }
    }
  }

  /// Results and stations of each reconstruction, judged by the quality cuts.
  func reconstruct(_ events: [Event], in workspaces: [Workspace]) -> [[Made]] {
    var selected: [StandardFit.SelectedEvent]?
    return zip(all, workspaces).map { fit, workspace in
      let made: [Made]
      switch (fit.chain, workspace) {
      case (.joint(let fit), .joint(let workspace)):
        let prepared = selected ?? events.map(standard.select)
        selected = prepared
        made = prepared.map { fit.reconstruct($0, workspace: workspace) }
      case (.published(let chain), .published(let workspace)):
        made = events.map { chain.reconstruct($0, workspace: workspace) }
      default: preconditionFailure("workspaces of other reconstructions")
      }
      return made.map { made in
        var made = made
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
      chain: .joint(
        StandardFit(
          array: standard.array, energyTable: standard.energyTable, configuration: settings)),
      front: "\(file.front.name), fitted on \(file.origin.date) to \(file.origin.events) events")
  }
}
