internal import CHDF5

/// Attributes of a group or dataset: single numbers and UTF-8 texts of any length.
extension Handle {
  /// Adds a text, or replaces it.
  func set(_ name: String, _ text: String) throws(StoreError) {
    let type = try Handle(file, place, H5Tclose, opening: H5Tcopy(chdf5_c_string()))
    try check(H5Tset_size(type.id, chdf5_variable_length()))
    try check(H5Tset_cset(type.id, H5T_CSET_UTF8))
    let attribute = try createAttribute(name, type: type.id)
    try check(
      text.withCString { pointer in
        var pointer: UnsafePointer<CChar>? = pointer
        return H5Awrite(attribute.id, type.id, &pointer)
      })
  }

  /// Adds a number, or replaces it.
  func set(_ name: String, _ number: Double) throws(StoreError) {
    let attribute = try createAttribute(name, type: chdf5_float64())
    var number = number
    try check(H5Awrite(attribute.id, chdf5_native_double(), &number))
  }

  /// A text, nil where there is none.
  func text(_ name: String) throws(StoreError) -> String? {
    guard let attribute = try openAttribute(name) else { return nil }
    let type = try Handle(file, place, H5Tclose, opening: H5Aget_type(attribute.id))
    guard H5Tget_class(type.id) == H5T_STRING else {
      throw file.damaged(place, "attribute \(name) is not a text")
    }
    if try check(H5Tis_variable_str(type.id)) > 0 {
      var pointer: UnsafeMutablePointer<CChar>?
      try check(H5Aread(attribute.id, type.id, &pointer))
      defer { H5free_memory(pointer) }
      return pointer.map { String(cString: $0) } ?? ""
    }
    var bytes = [UInt8](repeating: 0, count: max(H5Tget_size(type.id), 1))
    try check(H5Aread(attribute.id, type.id, &bytes))
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// A number, nil where there is none.
  func number(_ name: String) throws(StoreError) -> Double? {
    guard let attribute = try openAttribute(name) else { return nil }
    var number = Double.nan
    try check(H5Aread(attribute.id, chdf5_native_double(), &number))
    return number
  }

  /// All attributes of one value, as text, by name, in alphabetical order.
  func texts() throws(StoreError) -> [(name: String, text: String)] {
    var found: [(String, String)] = []
    // A file as such has no attributes to count, its root group has.
    let object = try Handle(file, place, H5Oclose, opening: H5Oopen(id, ".", chdf5_default()))
    let count = try check(H5Aget_num_attrs(object.id))
    for index in 0..<hsize_t(count) {
      let attribute = try Handle(
        file, place, H5Aclose,
        opening: H5Aopen_by_idx(
          id, ".", H5_INDEX_NAME, H5_ITER_INC, index, chdf5_default(), chdf5_default()))
      var bytes = [CChar](repeating: 0, count: try check(H5Aget_name(attribute.id, 0, nil)) + 1)
      try check(H5Aget_name(attribute.id, bytes.count, &bytes))
      let name = String(
        decoding: bytes.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
      let type = try Handle(file, place, H5Tclose, opening: H5Aget_type(attribute.id))
      switch H5Tget_class(type.id) {
      case H5T_STRING: found.append((name, try text(name) ?? ""))
      case H5T_FLOAT, H5T_INTEGER: found.append((name, "\(try number(name) ?? .nan)"))
      default: continue
      }
    }
    return found
  }

  private func createAttribute(_ name: String, type: hid_t) throws(StoreError) -> Handle {
    if try check(H5Aexists(id, name)) > 0 { try check(H5Adelete(id, name)) }
    let space = try Handle(file, place, H5Sclose, opening: H5Screate(H5S_SCALAR))
    return try Handle(
      file, place, H5Aclose,
      opening: H5Acreate2(id, name, type, space.id, chdf5_default(), chdf5_default()))
  }

  /// The attribute where it exists; one value, since no other is ours.
  private func openAttribute(_ name: String) throws(StoreError) -> Handle? {
    guard try check(H5Aexists(id, name)) > 0 else { return nil }
    let attribute = try Handle(
      file, place, H5Aclose, opening: H5Aopen(id, name, chdf5_default()))
    let space = try Handle(file, place, H5Sclose, opening: H5Aget_space(attribute.id))
    guard try check(H5Sget_simple_extent_npoints(space.id)) == 1 else {
      throw file.damaged(place, "attribute \(name) does not hold one value")
    }
    return attribute
  }
}
