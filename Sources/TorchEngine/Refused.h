#pragma once
#include <stdexcept>
#include <string>

namespace airshower {

// A network file that is not used: where in it, what is wrong, and what to do.
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// "code/__torch__.py, line 12"
inline std::string place(const std::string &record, size_t line) {
  return record + ", line " + std::to_string(line);
}

}  // namespace airshower
