internal import ShowerStore

/// A file of another program, recognised by its content.
public enum ForeignFile {
  /// First bytes of an HDF5 file.
  static let hdf5: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Opens a file by what it holds; its name does not matter.
  ///
  /// - Parameters:
  ///   - path: of the file, plain or packed by gzip or bzip2.
  ///   - surveys: positions of the stations.
  /// - Returns: the events of the file.
  /// - Throws: `FormatError` for a file of no known format, or a damaged one.
  public static func open(
    path: String, surveys: StationSurveys
  ) throws(FormatError) -> any ForeignEvents {
    let start = try start(of: path)
    if BankReader.mayBegin(start) { return try DSTEvents(path: path, surveys: surveys) }
    if start.starts(with: hdf5) { return try openHDF5(path: path, surveys: surveys) }
    if INRTextEvents.mayBegin(start) { return try INRTextEvents(path: path, surveys: surveys) }
    throw FormatError(
      path, start.isEmpty ? "is empty" : "is of no format that import reads",
      remedy: "Give a DST file of the Telescope Array, HDF5 of INR or dstparser, or text (option "
        + "-ML) of INR. Lists of stations go to fit or reconstruct")
  }

  /// An HDF5 file, by the names of its data sets.
  private static func openHDF5(
    path: String, surveys: StationSurveys
  ) throws(FormatError) -> any ForeignEvents {
    let (file, isDSTParser): (NumberFile, Bool)
    do throws(StoreError) {
      file = try NumberFile(path: path)
      isDSTParser = try DSTParserEvents.isForm(file)
    } catch {
      throw FormatError(error)
    }
    return isDSTParser
      ? try DSTParserEvents(file, surveys: surveys) : try INRFileEvents(file, surveys: surveys)
  }

  /// The first bytes of the content.
  static func start(of path: String) throws(FormatError) -> [UInt8] {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 8)
    defer { bytes.deallocate() }
    let count = try PackedFile(path: path).read(into: bytes)
    return Array(bytes[..<count])
  }
}
