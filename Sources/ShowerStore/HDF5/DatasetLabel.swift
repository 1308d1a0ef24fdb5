internal import ShowerModel

/// What a dataset is called and what is written beside it.
struct DatasetLabel: Sendable {
  let name: String
  let unit: String
  let description: String
  let type: StoredType
  /// "0=good, 1=noCluster, ..." for an enumeration.
  let meanings: String?

  init(_ name: String, unit: String = "1", _ description: String, _ storage: ColumnStorage) {
    self.name = name
    self.unit = unit
    self.description = description
    type = StoredType(storage)
    meanings =
      if case .enumeration(let names) = storage {
        names.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
      } else {
        nil
      }
  }

  /// A dataset of another type than those of columns.
  init(_ name: String, unit: String, _ description: String, type: StoredType) {
    self.name = name
    self.unit = unit
    self.description = description
    self.type = type
    meanings = nil
  }
}

extension Column {
  var label: DatasetLabel { DatasetLabel(name, unit: unit, description, storage) }
}
