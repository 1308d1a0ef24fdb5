import Foundation
import Glibc
import ShowerModel
import ShowerStore
import Testing

/// A write that the system refuses, at every place where one can: in processes of their own, since
/// the limits hold for a whole process, and since its end is part of the test.
@Suite struct FullDiskTests {
  /// A limit on the size of files stands for a full disk.
  @Test func everyRefusedWriteIsAnErrorThatLeavesNothing() async {
    await #expect(processExitsWith: .exitCode(0)) {
      signal(SIGXFSZ, SIG_IGN)
      let folder = try Folder()
      let path = folder.file("events.h5")
      try Sample.write(120, to: path, batch: 50)
      let events = Sample.events(120)
      let size = try Data(contentsOf: URL(filePath: path)).count
      let descriptors = try openDescriptors()
      var failures = 0
      for limit in stride(from: 0, to: size + 4096, by: size / 40) {
        try limitFileSize(to: limit)
        do {
          try Sample.write(120, to: path, batch: 50, overwrite: true)
        } catch StoreError.writeFailed(_, _, "File too large") {
          failures += 1
        }
        try limitFileSize(to: nil)
        try require(folder.names == ["events.h5"], "limit \(limit) left \(folder.names)")
        let intact = try EventFileReader(path: path).events(0..<120) == events
        try require(intact, "limit \(limit) changed the earlier file")
      }
      try require(failures >= 40, "\(failures) failures")
      let left = try openDescriptors()
      try require(left == descriptors, "\(left) open files instead of \(descriptors)")
    }
  }

  @Test(.enabled(if: Mount.isPossible, "mounting a small file system needs root"))
  func aFullFileSystemIsAnError() async {
    await #expect(processExitsWith: .exitCode(0)) {
      let folder = try Folder()
      let mount = try Mount(at: folder.file("small"), kilobytes: 256)
      let path = mount.path + "/events.h5"
      do {
        try Sample.write(5000, to: path)
        throw Unmet(description: "5000 events in 256 kB")
      } catch StoreError.writeFailed(_, _, "No space left on device") {
      }
      try require(try FileManager.default.contentsOfDirectory(atPath: mount.path) == [], "left")
      // The place is free again, and the process as good as new.
      try Sample.write(10, to: path)
      try require(try EventFileReader(path: path).eventCount == 10, "count")
    }
  }
}

struct Unmet: Error, CustomStringConvertible { let description: String }

func require(_ condition: Bool, _ what: String) throws {
  guard condition else { throw Unmet(description: what) }
}

private func openDescriptors() throws -> Int {
  try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
}

private func limitFileSize(to bytes: Int?) throws {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
  limit.rlim_cur = bytes.map { rlim_t($0) } ?? limit.rlim_max
  try require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0, "setrlimit")
}

/// A small file system in memory, mounted as long as it lives.
final class Mount {
  let path: String

  init(at path: String, kilobytes: Int) throws {
    self.path = path
    mkdir(path, 0o755)
    try require(
      mount("tmpfs", path, "tmpfs", 0, "size=\(kilobytes)k") == 0, String(cString: strerror(errno)))
  }

  deinit { umount2(path, Int32(MNT_DETACH)) }

  static let isPossible: Bool = {
    guard let folder = try? Folder() else { return false }
    return (try? Mount(at: folder.file("trial"), kilobytes: 16)) != nil
  }()
}
