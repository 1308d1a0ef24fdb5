// The records of a network file, read without libtorch's loader and before it.
#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace airshower {

// Bounds of a network file. The largest network of ours has 420,000 parameters in forty records.
constexpr size_t most_records = 20000;
constexpr uint64_t largest_file = 2000000000;     // bytes, and of all records unpacked
constexpr uint64_t largest_code = 4000000;        // bytes, all code together
constexpr uint64_t largest_pickle = 16000000;     // bytes
constexpr uint64_t largest_extra = 64000000;      // bytes, the specification
constexpr uint64_t most_parameters = 200000000;

// A record by its name below the archive's folder, as data.pkl or data/7.
using Records = std::map<std::string, std::string>;

// What a TorchScript archive holds of code, values and the file `extra`; other records are left out, among them
// tables of the original's source lines, other extra files and programs in other forms.
//
// Throws Refused for a file that is no whole zip archive of this kind or beyond the bounds.
Records read_archive(const std::string &path, const std::string &extra);

// The same records as an archive that libtorch loads: what was checked is what runs.
std::string write_archive(const Records &records, const std::string &extra);

}  // namespace airshower
