// libdeflate for Swift: zlib streams of whole buffers, as HDF5's gzip filter keeps them.
#pragma once
#include <libdeflate.h>
