internal import CHDF5

/// One open object of HDF5, closed with its last reference.
final class Handle {
  let id: hid_t
  let file: FileContext
  /// Path inside the file, for messages.
  let place: String
  private let release: (hid_t) -> herr_t
  private var isOpen = true

  /// Owns what a call of HDF5 opened.
  init(
    _ file: FileContext, _ place: String, _ release: @escaping (hid_t) -> herr_t,
    opening: @autoclosure () -> hid_t
  ) throws(StoreError) {
    id = try file.check(place, opening())
    self.file = file
    self.place = place
    self.release = release
  }

  deinit {
    guard isOpen else { return }
    HDF5.start()
    _ = release(id)
  }

  /// Closes it now, where the outcome matters.
  func close() throws(StoreError) {
    guard isOpen else { return }
    isOpen = false
    try check(release(id))
  }

  /// The result of a call about this object.
  @discardableResult
  func check<Result: SignedInteger>(_ call: @autoclosure () -> Result) throws(StoreError) -> Result
  {
    try file.check(place, call())
  }

  /// A property list of a class.
  static func properties(_ file: FileContext, _ kind: @autoclosure () -> hid_t)
    throws(StoreError) -> Handle
  {
    HDF5.start()
    return try Handle(file, "property list", H5Pclose, opening: H5Pcreate(kind()))
  }

  /// Path of a member.
  func path(of name: String) -> String { place == "/" ? "/\(name)" : "\(place)/\(name)" }
}

// MARK: - Groups

extension Handle {
  func openGroup(_ name: String) throws(StoreError) -> Handle {
    try Handle(
      file, path(of: name), H5Gclose, opening: H5Gopen2(id, name, chdf5_default()))
  }

  /// A new group, without time stamps.
  func createGroup(_ name: String) throws(StoreError) -> Handle {
    let creation = try Handle.properties(file, chdf5_group_create())
    try check(H5Pset_obj_track_times(creation.id, false))
    return try Handle(
      file, path(of: name), H5Gclose,
      opening: H5Gcreate2(id, name, chdf5_default(), creation.id, chdf5_default()))
  }

  func contains(_ name: String) throws(StoreError) -> Bool {
    guard try check(H5Lexists(id, name, chdf5_default())) > 0 else { return false }
    // A soft link that leads back to itself is an error of HDF5, and no member.
    HDF5.start()
    return H5Oexists_by_name(id, name, chdf5_default()) > 0
  }

  /// Names of the members, in alphabetical order.
  func memberNames() throws(StoreError) -> [String] {
    var names: [String] = []
    try check(
      withUnsafeMutablePointer(to: &names) { list in
        chdf5_visit_members(
          id,
          { name, list in
            guard let name else { return }
            list?.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
          }, list)
      })
    return names.sorted()
  }

  /// Names of the members that are datasets, in alphabetical order.
  func datasetNames() throws(StoreError) -> [String] {
    var names: [String] = []
    for name in try memberNames() where try contains(name) {
      if try kind(of: name) == H5I_DATASET { names.append(name) }
    }
    return names
  }

  /// Whether a member is a group, a dataset, or something else.
  func kind(of name: String) throws(StoreError) -> H5I_type_t {
    let object = try Handle(
      file, path(of: name), H5Oclose, opening: H5Oopen(id, name, chdf5_default()))
    return H5Iget_type(object.id)
  }

  /// Where the object lies in the file: equal for two links to one object.
  func objectAddress() throws(StoreError) -> UInt64 {
    let object = try Handle(file, place, H5Oclose, opening: H5Oopen(id, ".", chdf5_default()))
    var information = H5O_info_t()
    try check(H5Oget_info2(object.id, &information, UInt32(H5O_INFO_BASIC)))
    return UInt64(information.addr)
  }
}
