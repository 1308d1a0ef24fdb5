internal import CHDF5

/// A type that can be copied from file to file: numbers, texts of fixed length, enumerations, and
/// records of them.
///
/// A type of another file is never given back to HDF5, which crashes on damaged ones. An equal type
/// is made anew.
indirect enum CopiedType {
  case number(NumberFormat)
  case text(byteCount: Int, isUTF8: Bool)
  case enumeration(NumberFormat, [(name: String, value: [UInt8])])
  case record(byteCount: Int, [(name: String, offset: Int, type: CopiedType)])

  private static let (memberLimit, sizeLimit, depthLimit) = (1000, 1 << 16, 4)

  /// Nil for a type that is not copied: of variable length, references and others.
  init?(_ type: Handle, depth: Int = 0) throws(StoreError) {
    let byteCount = H5Tget_size(type.id)
    guard (1...CopiedType.sizeLimit).contains(byteCount), depth < CopiedType.depthLimit else {
      return nil
    }
    switch H5Tget_class(type.id) {
    case H5T_INTEGER, H5T_FLOAT:
      guard let format = try NumberFormat(type: type) else { return nil }
      self = .number(format)
    case H5T_STRING:
      guard try type.check(H5Tis_variable_str(type.id)) == 0 else { return nil }
      self = .text(byteCount: byteCount, isUTF8: H5Tget_cset(type.id) == H5T_CSET_UTF8)
    case H5T_ENUM:
      guard let format = try NumberFormat(type: type) else { return nil }
      let names = try CopiedType.memberNames(type)
      var members: [(String, [UInt8])] = []
      for (index, name) in names.enumerated() {
        var value = [UInt8](repeating: 0, count: byteCount)
        try type.check(H5Tget_member_value(type.id, UInt32(index), &value))
        members.append((name, value))
      }
      self = .enumeration(format, members)
    case H5T_COMPOUND:
      var members: [(String, Int, CopiedType)] = []
      for (index, name) in try CopiedType.memberNames(type).enumerated() {
        let member = try Handle(
          type.file, type.place, H5Tclose, opening: H5Tget_member_type(type.id, UInt32(index)))
        guard let copied = try CopiedType(member, depth: depth + 1) else { return nil }
        members.append((name, H5Tget_member_offset(type.id, UInt32(index)), copied))
      }
      self = .record(byteCount: byteCount, members)
    default: return nil
    }
  }

  private static func memberNames(_ type: Handle) throws(StoreError) -> [String] {
    let count = try type.check(H5Tget_nmembers(type.id))
    guard count <= memberLimit else { throw type.file.damaged(type.place, "\(count) members") }
    var names: [String] = []
    for index in 0..<UInt32(count) {
      guard let name = H5Tget_member_name(type.id, index) else {
        throw type.file.damaged(type.place, "a member without a name")
      }
      names.append(String(cString: name))
      H5free_memory(name)
    }
    return names
  }

  var byteCount: Int {
    switch self {
    case .number(let format), .enumeration(let format, _): format.byteCount
    case .text(let byteCount, _), .record(let byteCount, _): byteCount
    }
  }

  /// A new type of HDF5.
  func made(for file: FileContext, _ place: String) throws(StoreError) -> Handle {
    func handle(_ opening: @autoclosure () -> hid_t) throws(StoreError) -> Handle {
      try Handle(file, place, H5Tclose, opening: opening())
    }
    switch self {
    case .number(let format): return try handle(H5Tcopy(format.id))
    case .text(let byteCount, let isUTF8):
      let type = try handle(H5Tcopy(chdf5_c_string()))
      try type.check(H5Tset_size(type.id, byteCount))
      try type.check(H5Tset_strpad(type.id, H5T_STR_NULLPAD))
      try type.check(H5Tset_cset(type.id, isUTF8 ? H5T_CSET_UTF8 : H5T_CSET_ASCII))
      return type
    case .enumeration(let format, let members):
      let type = try handle(H5Tenum_create(format.id))
      for (name, value) in members { try type.check(H5Tenum_insert(type.id, name, value)) }
      return type
    case .record(let byteCount, let members):
      let type = try handle(H5Tcreate(H5T_COMPOUND, byteCount))
      for (name, offset, member) in members {
        let made = try member.made(for: file, place)
        try type.check(H5Tinsert(type.id, name, offset, made.id))
      }
      return type
    }
  }
}
