// Which operators a network may use.
#pragma once
#include <string>

namespace airshower {

// Whether a network may use an operator "aten::add", with its overload where it is known ("add.Tensor" has "Tensor").
//
// Allowed is what computes values from values and nothing else, and looks where it reads and writes: no files, no
// output, no settings of the process, no memory beyond its tensors. The list is in AllowedOperators.cpp alone.
bool is_allowed(const std::string &operation, const std::string &overload = "");

// Whether an allowed operator may stand in a program, but not where it runs.
bool must_not_run(const std::string &operation, const std::string &overload);

// The same as is_allowed where the overload is not known yet.
bool may_be_allowed(const std::string &operation);

// The argument of an allowed operator that must be None, since libtorch would follow it beyond its memory; "" where there
// is none.
const char *believed_argument(const std::string &operation);

// Whether the program may call a function of the language by this name, as "range".
bool is_allowed_function(const std::string &name);

// Why an operator is refused, in words that follow "which": "writes files".
std::string reason_against(const std::string &operation);

}  // namespace airshower
