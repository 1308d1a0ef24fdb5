// zlib for Swift: gzip as a stream, which libdeflate cannot do.
#pragma once
#include <zlib.h>
