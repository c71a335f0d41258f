#include "host/trust/Sha256.h"

#include <cryptopp/sha.h>

#include <algorithm>

#include "host/base/Limits.h"

namespace tenon::host {

struct Sha256::State {
  CryptoPP::SHA256 hash;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
  state_->hash.Update(reinterpret_cast<const CryptoPP::byte*>(bytes.data()), bytes.size());
}

Digest Sha256::finish() {
  Digest::Bytes bytes{};
  state_->hash.Final(bytes.data());
  return Digest(bytes);
}

Digest sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

Result<Digest> sha256Of(const ByteSource& source) {
  Sha256 hash;
  std::string buffer;
  for (std::uint64_t at = 0; at < source.size(); at += buffer.size()) {
    buffer.resize(static_cast<std::size_t>(std::min<std::uint64_t>(limits::MiB, source.size() - at)));
    TENON_CHECK(source.readExactly(at, buffer));
    hash.update(buffer);
  }
  return hash.finish();
}

}  // namespace tenon::host
