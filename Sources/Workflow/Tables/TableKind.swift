import Foundation

/// What the folder of tables holds.
package enum TableKind: CaseIterable, Sendable {
  case array, energyTable, variation, showerModel, response, selection, front
  /// A trained network.
  case network
  /// The description of a network to train.
  case networkDescription

  /// The subfolder.
  var folder: String {
    switch self {
    case .array: "arrays"
    case .energyTable: "energy"
    case .variation: "variations"
    case .showerModel: "simulation"
    case .response: "detectors"
    case .selection: "selections"
    case .front: "fronts"
    case .network, .networkDescription: "networks"
    }
  }

  /// The end of the names of its files.
  var suffix: String {
    switch self {
    case .array, .energyTable, .response: ".csv"
    case .variation, .showerModel, .selection, .front, .networkDescription: ".json"
    case .network: ".pt"
    }
  }

  /// What messages call one of them.
  var noun: String {
    switch self {
    case .array: "an array"
    case .energyTable: "an energy table"
    case .variation: "a variation"
    case .showerModel: "a shower model"
    case .response: "a detector response"
    case .selection: "a set of quality cuts"
    case .front: "a tuned front"
    case .network: "a trained network"
    case .networkDescription: "a network description"
    }
  }
}

extension TableFolder {
  /// What a shell offers for an option that takes a name of a table or a file.
  ///
  /// - Parameters:
  ///   - kind: kind of table.
  ///   - typed: what was typed of the name.
  ///   - option: value of `--tables`, if it was given.
  /// - Returns: names of the tables, then files with the right end and folders. Empty where there
  ///   are none.
  package static func completions(of kind: TableKind, typed: String, option: String?) -> [String] {
    let names = (try? TableFolder(option: option).names(kind)) ?? []
    let folder = typed.lastIndex(of: "/").map { String(typed[...$0]) } ?? ""
    let files = FileManager.default
    let content = (try? files.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    let paths = content.sorted().compactMap { name -> String? in
      var isFolder: ObjCBool = false
      let path = folder + name
      guard !name.hasPrefix("."), files.fileExists(atPath: path, isDirectory: &isFolder) else {
        return nil
      }
      return isFolder.boolValue ? path + "/" : name.hasSuffix(kind.suffix) ? path : nil
    }
    return names + paths
  }
}
