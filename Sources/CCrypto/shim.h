// SHA-256 for Swift, by OpenSSL's library.
#pragma once
#include <openssl/sha.h>

// By the functions without global state: those with it crash in a thread that is still at work when the process ends.
static inline void ccrypto_sha256(const void *bytes, size_t count, unsigned char *hash) {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes, count);
  SHA256_Final(hash, &context);
#pragma clang diagnostic pop
}
