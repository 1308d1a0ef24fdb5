#include "NetworkArchive.h"

#include <caffe2/serialize/inline_container.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <set>
#include <vector>

#include "Refused.h"

namespace airshower {

namespace {

using caffe2::serialize::PyTorchStreamReader;
using caffe2::serialize::PyTorchStreamWriter;

// Bytes in memory for libtorch's reader, whose own adapter reads beyond their end.
class Bytes : public caffe2::serialize::ReadAdapterInterface {
 public:
  explicit Bytes(const std::string &bytes) : bytes(bytes) {}
  size_t size() const override { return bytes.size(); }
  size_t read(uint64_t position, void *buffer, size_t count, const char *) const override {
    if (position >= bytes.size()) return 0;
    count = std::min(count, bytes.size() - static_cast<size_t>(position));
    std::memcpy(buffer, bytes.data() + position, count);
    return count;
  }

 private:
  const std::string &bytes;
};

[[noreturn]] void damaged(const std::string &what) {
  throw Refused("it is no whole TorchScript archive (" + what + "): copy it again");
}

[[noreturn]] void too_large(const std::string &what, uint64_t found, uint64_t bound) {
  throw Refused(what + ": " + std::to_string(found) + ", more than the " + std::to_string(bound) +
                " that a network may have");
}

std::string content(const std::string &path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::streamoff>(file.tellg());
  if (!file || size < 0) damaged("it cannot be read");
  if (static_cast<uint64_t>(size) > largest_file)
    too_large("bytes of the file", static_cast<uint64_t>(size), largest_file);
  std::string bytes(static_cast<size_t>(size), '\0');
  file.seekg(0);
  file.read(&bytes[0], size);
  if (!file) damaged("it ends early");
  return bytes;
}

// A number of some bytes, the lowest first.
uint64_t number(const std::string &bytes, uint64_t position, size_t count) {
  if (position > bytes.size() || bytes.size() - position < count) damaged("it ends early");
  uint64_t value = 0;
  for (size_t i = count; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[static_cast<size_t>(position) + i]);
  return value;
}

// Names and unpacked sizes by the directory at the end of a zip file, found as libtorch's reader finds it.
std::map<std::string, uint64_t> directory(const std::string &bytes) {
  const uint64_t end_size = 22, locator_size = 20;
  if (bytes.size() < end_size) damaged("too short");
  const uint64_t end = bytes.size() - end_size;
  if (number(bytes, end, 4) != 0x06054b50) damaged("it has no directory at its end");
  uint64_t count = number(bytes, end + 10, 2), size = number(bytes, end + 12, 4),
           start = number(bytes, end + 16, 4);
  if (end >= locator_size && number(bytes, end - locator_size, 4) == 0x07064b50) {
    const uint64_t large = number(bytes, end - locator_size + 8, 8);
    if (number(bytes, large, 4) != 0x06064b50) damaged("its directory is damaged");
    count = number(bytes, large + 32, 8);
    size = number(bytes, large + 40, 8);
    start = number(bytes, large + 48, 8);
  }
  if (count > most_records) too_large("records", count, most_records);
  if (start > bytes.size() || size > bytes.size() - start) damaged("its directory is damaged");

  std::map<std::string, uint64_t> sizes;
  uint64_t at = start, total = 0;
  for (uint64_t i = 0; i < count; ++i) {
    if (number(bytes, at, 4) != 0x02014b50) damaged("its directory is damaged");
    const uint64_t method = number(bytes, at + 10, 2);
    uint64_t packed = number(bytes, at + 20, 4), unpacked = number(bytes, at + 24, 4);
    const uint64_t name_size = number(bytes, at + 28, 2), more = number(bytes, at + 30, 2),
                   comment = number(bytes, at + 32, 2), header = at + 46;
    if (header + name_size + more + comment > start + size) damaged("its directory is damaged");
    const auto name = bytes.substr(static_cast<size_t>(header), static_cast<size_t>(name_size));
    // Sizes beyond 4 GB stand behind the name.
    for (uint64_t field = header + name_size; field + 4 <= header + name_size + more;) {
      uint64_t value = field + 4;
      if (number(bytes, field, 2) == 1) {
        if (unpacked == 0xffffffff) unpacked = number(bytes, value, 8), value += 8;
        if (packed == 0xffffffff) packed = number(bytes, value, 8);
      }
      field += 4 + number(bytes, field + 2, 2);
    }
    if ((method != 0 && method != 8) || (method == 0 && packed != unpacked) || packed > bytes.size())
      damaged("its record " + name + " is damaged");
    if (unpacked > largest_file - total) too_large("bytes unpacked", unpacked, largest_file - total);
    total += unpacked;
    if (!sizes.emplace(name, unpacked).second) damaged("it has two records " + name);
    at = header + name_size + more + comment;
  }
  return sizes;
}

bool starts(const std::string &name, const char *begin) { return name.rfind(begin, 0) == 0; }
bool ends(const std::string &name, const std::string &end) {
  return name.size() >= end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
}

bool is_code(const std::string &name) { return starts(name, "code/") && ends(name, ".py"); }

// Whether libtorch needs a record of a network. How the machine wrote it ("byteorder") is told by newer versions.
bool is_needed(const std::string &name, const std::string &extra) {
  return name == "data.pkl" || name == "constants.pkl" || name == "version" ||
         name == ".data/version" || name == "byteorder" || name == extra || is_code(name) ||
         starts(name, "data/") || starts(name, "constants/");
}

// Of a record that is not only copied.
uint64_t bound(const std::string &name, const std::string &extra) {
  if (name == extra) return largest_extra;
  if (ends(name, ".pkl")) return largest_pickle;
  if (is_code(name)) return largest_code;
  return starts(name, "data/") || starts(name, "constants/") ? largest_file : 100;
}

}  // namespace

Records read_archive(const std::string &path, const std::string &extra) {
  const auto bytes = content(path);
  const auto sizes = directory(bytes);
  Records records;
  uint64_t code = 0;
  try {
    PyTorchStreamReader reader(std::make_shared<Bytes>(bytes));
    const auto names = reader.getAllRecords();
    if (names.size() > sizes.size()) damaged("its directory is damaged");
    std::set<std::string> folders;
    for (const auto &entry : sizes) folders.insert(entry.first.substr(0, entry.first.find('/')));
    if (folders.size() != 1) damaged("its records are not in one folder");
    for (const auto &name : names) {
      const auto found = sizes.find(*folders.begin() + "/" + name);
      if (found == sizes.end()) damaged("its directory is damaged");
      if (!is_needed(name, extra)) continue;
      if (found->second > bound(name, extra))
        too_large("bytes of " + name, found->second, bound(name, extra));
      if (is_code(name) && (code += found->second) > largest_code)
        too_large("bytes of code", code, largest_code);
      const auto record = reader.getRecord(name);
      records[name] = std::string(static_cast<const char *>(std::get<0>(record).get()), std::get<1>(record));
    }
  } catch (const Refused &) {
    throw;
  } catch (const std::exception &) {
    damaged("a record cannot be read");
  }
  for (const auto *name : {"data.pkl", "constants.pkl"})
    if (!records.count(name)) damaged(std::string("it has no ") + name);
  if (records.count("byteorder") && !starts(records["byteorder"], "little"))
    damaged("its numbers are of a big-endian machine");
  return records;
}

std::string write_archive(const Records &records, const std::string &extra) {
  std::string bytes;
  PyTorchStreamWriter writer([&bytes](const void *data, size_t size) {
    bytes.append(static_cast<const char *>(data), size);
    return size;
  });
  for (const auto &record : records)
    if (record.first != extra) writer.writeRecord(record.first, record.second.data(), record.second.size());
  writer.writeEndOfFile();
  return bytes;
}

}  // namespace airshower
