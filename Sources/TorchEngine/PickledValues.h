// The values of a network as they stand in its file.
#pragma once
#include "NetworkArchive.h"

namespace airshower {

// Reads the instructions of data.pkl and constants.pkl without following them: which names they call, and whether every
// tensor lies within its record. libtorch 1.13 takes both on trust.
//
// Throws Refused where they do what no writer of networks does.
void check_pickled_values(const Records &records);

}  // namespace airshower
