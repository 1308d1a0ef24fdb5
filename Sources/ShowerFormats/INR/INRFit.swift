internal import ShowerModel
internal import ShowerStore

/// A reconstruction that files of INR bring: of the text, or as data sets of the HDF5 file.
struct INRFit {
  let method: ImportedMethod
  /// Data set [events, 6] of zenith, azimuth [deg], core x, y [km], S800 and energy [EeV].
  let values: String
  /// Data set [events, 5] of the errors, of S800 relative; nil where there is none.
  let errors: String?

  /// Those of the lines ML and MLG.
  static let all = [
    INRFit(
      method: ImportedMethod(
        name: ResultBanks.published.name,
        explanation: "Lines ML: the passes of the Telescope Array with free curvature, energy x "
          + "1.27 on the scale of the simulation"),
      values: "reco_ivanov", errors: "reco_ivanov_error"),
    INRFit(
      method: ImportedMethod(
        name: "imported_nuf",
        explanation: "Lines MLG: joint fit of INR, energy of a photon, which is not that of a "
          + "nucleus"),
      values: "reco_rubtsov", errors: nil),
  ]

  /// Whether a file has it, in columns as they are known.
  func isIn(_ file: NumberFile, eventCount: Int) throws(StoreError) -> Bool {
    try file.shape(of: values) == [eventCount, 6]
  }

  /// Of some events.
  func results(_ rows: Range<Int>, in file: NumberFile) throws(StoreError) -> [Reconstruction] {
    let numbers = try file.values(rows, of: values)
    var sigmas: [Double]?
    if let errors, try file.shape(of: errors)?.dropFirst() == [5] {
      sigmas = try file.values(rows, of: errors)
    }
    let scale = errors == nil ? 1 : INRTextRecord.energyScale
    return rows.indices.map { row in
      let index = row - rows.lowerBound
      let own = Array(numbers[6 * index..<6 * index + 6])
      return ResultBanks.judged(
        Reconstruction(
          shower: INRTextRecord.shower(own[0], own[1], own[2], own[3], energy: own[5] * scale),
          sigma: sigmas.map { INRTextRecord.errors(Array($0[5 * index..<5 * index + 5])) }
            ?? .undefined,
          status: .good))
    }
  }
}
