// The code of a network, read as text.
#pragma once
#include "NetworkArchive.h"

namespace airshower {

// Reads the code of a network with libtorch's parser, without compiling it: compiling runs default arguments, constants
// and what it can compute beforehand. Names of operators must be on the list (AllowedOperators.h); loops without end,
// with-blocks, changes of attributes, classes with a state of their own and classes of C++ are refused.
//
// Throws Refused with record, line and name.
void check_source(const Records &records);

}  // namespace airshower
