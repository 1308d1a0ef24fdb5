internal import CHDF5

/// Attributes of a group or dataset: single numbers and UTF-8 texts of fixed length.
///
/// Texts of variable length come from `FileCheck`, because their damaged heaps crash HDF5. Other
/// programs write such texts, and so did airshower before 1.3.1.
extension Handle {
  /// Largest attribute [bytes].
  private static let attributeLimit = 16 << 20

  /// Adds a text, or replaces it.
  func set(_ name: String, _ text: String) throws(StoreError) {
    let bytes = Array(text.utf8) + (text.isEmpty ? [0] : [])
    let type = try CopiedType.text(byteCount: bytes.count, isUTF8: true).made(for: file, place)
    let attribute = try createAttribute(name, type: type.id)
    try check(H5Awrite(attribute.id, type.id, bytes))
  }

  /// Adds a number, or replaces it.
  func set(_ name: String, _ number: Double) throws(StoreError) {
    let attribute = try createAttribute(name, type: chdf5_float64())
    var number = number
    try check(H5Awrite(attribute.id, chdf5_native_double(), &number))
  }

  /// A text, nil where there is none.
  ///
  /// - Throws: `.damaged` for an attribute that is no single text.
  func text(_ name: String) throws(StoreError) -> String? {
    guard let attribute = try openAttribute(name) else { return nil }
    switch try attribute.value(of: self) {
    case .text(let text)?: return text
    default: throw file.damaged(place, "attribute \(name) is no single text")
    }
  }

  /// A number, nil where there is none.
  ///
  /// - Throws: `.damaged` for an attribute that is no single number.
  func number(_ name: String) throws(StoreError) -> Double? {
    guard let attribute = try openAttribute(name) else { return nil }
    switch try attribute.value(of: self) {
    case .number(let number)?: return number
    default: throw file.damaged(place, "attribute \(name) is no single number")
    }
  }

  /// All attributes of one value, as text, by name, in alphabetical order.
  func texts() throws(StoreError) -> [(name: String, text: String)] {
    var found: [(String, String)] = []
    try forEachAttribute { (attribute) throws(StoreError) in
      switch try attribute.value(of: self) {
      case .text(let text)?: found.append((attribute.name, text))
      case .number(let number)?: found.append((attribute.name, "\(number)"))
      case nil: break
      }
    }
    return found
  }

  /// Adds the attributes of an object of another file: numbers and texts, also more than one. The
  /// names of others are added to `leftOut`.
  func copyAttributes(of source: Handle, leftOut: inout [String]) throws(StoreError) {
    try source.forEachAttribute { (attribute) throws(StoreError) in
      if case .text(let text)? = try attribute.value(of: source) {
        return try set(attribute.name, text)
      }
      guard let type = try CopiedType(attribute.type), !attribute.shape.contains(0),
        attribute.byteCount <= Handle.attributeLimit
      else {
        leftOut.append("attribute \(attribute.name) of \(source.place)")
        return
      }
      let bytes = try attribute.bytes()
      let shape = attribute.shape.map { hsize_t($0) }
      let space = try Handle(
        file, place, H5Sclose,
        opening: shape.isEmpty
          ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(shape.count), shape, nil))
      let made = try type.made(for: file, place)
      let copy = try Handle(
        file, place, H5Aclose,
        opening: H5Acreate2(
          id, attribute.name, made.id, space.id, chdf5_default(), chdf5_default()))
      try check(H5Awrite(copy.id, made.id, bytes))
    }
  }

  private func createAttribute(_ name: String, type: hid_t) throws(StoreError) -> Handle {
    if try check(H5Aexists(id, name)) > 0 { try check(H5Adelete(id, name)) }
    let space = try Handle(file, place, H5Sclose, opening: H5Screate(H5S_SCALAR))
    return try Handle(
      file, place, H5Aclose,
      opening: H5Acreate2(id, name, type, space.id, chdf5_default(), chdf5_default()))
  }

  /// The attribute where it exists.
  private func openAttribute(_ name: String) throws(StoreError) -> OpenAttribute? {
    guard try check(H5Aexists(id, name)) > 0 else { return nil }
    return try OpenAttribute(
      Handle(file, place, H5Aclose, opening: H5Aopen(id, name, chdf5_default())), name)
  }

  /// Calls `body` with all attributes in alphabetical order.
  private func forEachAttribute(
    _ body: (OpenAttribute) throws(StoreError) -> Void
  ) throws(StoreError) {
    // A file as such has no attributes to count, its root group has.
    let object = try Handle(file, place, H5Oclose, opening: H5Oopen(id, ".", chdf5_default()))
    let count = try check(H5Aget_num_attrs(object.id))
    for index in 0..<hsize_t(count) {
      let attribute = try Handle(
        file, place, H5Aclose,
        opening: H5Aopen_by_idx(
          id, ".", H5_INDEX_NAME, H5_ITER_INC, index, chdf5_default(), chdf5_default()))
      var name = [CChar](repeating: 0, count: try check(H5Aget_name(attribute.id, 0, nil)) + 1)
      try check(H5Aget_name(attribute.id, name.count, &name))
      let text = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
      try body(try OpenAttribute(attribute, text))
    }
  }
}

/// An attribute of an object that is being read.
private struct OpenAttribute {
  let name: String
  let type: Handle
  /// Lengths of its axes; none for a single value, [0] for no value.
  let shape: [Int]
  private let handle: Handle

  init(_ handle: Handle, _ name: String) throws(StoreError) {
    self.handle = handle
    self.name = name
    let (file, place) = (handle.file, handle.place)
    type = try Handle(file, place, H5Tclose, opening: H5Aget_type(handle.id))
    let space = try Handle(file, place, H5Sclose, opening: H5Aget_space(handle.id))
    if H5Sget_simple_extent_type(space.id) == H5S_NULL {
      shape = [0]
    } else {
      shape = try space.spaceShape()
    }
  }

  var byteCount: Int {
    shape.reduce(Double(H5Tget_size(type.id))) { $0 * Double($1) } < 1e9
      ? shape.reduce(H5Tget_size(type.id), *) : .max
  }

  enum Value {
    case text(String)
    case number(Double)
  }

  /// Its value as an attribute of `object`; nil for several values, or of another type.
  func value(of object: Handle) throws(StoreError) -> Value? {
    guard shape.allSatisfy({ $0 == 1 }) else { return nil }
    switch H5Tget_class(type.id) {
    case H5T_STRING where try handle.check(H5Tis_variable_str(type.id)) > 0:
      let address = try object.objectAddress()
      return handle.file.texts.text(name, ofObjectAt: address).map { .text($0) }
    case H5T_STRING:
      return .text(String(decoding: try bytes().prefix { $0 != 0 }, as: UTF8.self))
    case H5T_INTEGER, H5T_FLOAT:
      guard let format = try NumberFormat(type: type) else { return nil }
      return try bytes().withUnsafeBytes { .number(format.number(in: $0, at: 0).double) }
    default: return nil
    }
  }

  /// Its bytes as the file holds them, of a type without variable length.
  func bytes() throws(StoreError) -> [UInt8] {
    guard byteCount <= 16 << 20 else {
      throw handle.file.damaged(handle.place, "attribute \(name) of \(byteCount) bytes")
    }
    var copied = try CopiedType(type)
    if copied == nil { copied = try longText() }
    guard let copied else {
      throw handle.file.damaged(handle.place, "attribute \(name) is neither text nor number")
    }
    let made = try copied.made(for: handle.file, handle.place)
    var bytes = [UInt8](repeating: 0, count: max(byteCount, 1))
    try handle.check(H5Aread(handle.id, made.id, &bytes))
    return bytes
  }

  /// A text of any length.
  private func longText() throws(StoreError) -> CopiedType? {
    guard H5Tget_class(type.id) == H5T_STRING,
      try handle.check(H5Tis_variable_str(type.id)) == 0
    else { return nil }
    return .text(
      byteCount: H5Tget_size(type.id), isUTF8: H5Tget_cset(type.id) == H5T_CSET_UTF8)
  }
}
