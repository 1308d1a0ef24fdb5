// libbz2 for Swift: bzip2 as a stream. Debian's package has no pkg-config file.
#pragma once
#include <bzlib.h>
