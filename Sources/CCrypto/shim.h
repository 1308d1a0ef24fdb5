// SHA-256 for Swift, by OpenSSL's library.
#pragma once
#include <openssl/sha.h>
