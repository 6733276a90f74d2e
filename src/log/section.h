// The parts that a chunk is put together from: each a run of bytes, stored or as a zstd frame with or without
// the chunk's dictionary. Pure; one thread an object.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lode::log {

// Numbers of 7 bits a byte, low bits first.
void put_varint(std::string& out, uint64_t value);
inline uint64_t zigzag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
inline int64_t unzigzag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

// Throws record::Corruption when there is no more.
class VarintReader {
 public:
  explicit VarintReader(std::string_view bytes) : bytes_(bytes) {}
  uint64_t next();
  int64_t next_signed() { return unzigzag(next()); }
  std::string_view bytes(uint64_t count);
  bool done() const { return at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

// A dictionary in the forms that zstd wants; made once, used by many.
class Dictionary {
 public:
  Dictionary(std::string bytes, int level);
  ~Dictionary();
  const std::string& bytes() const { return bytes_; }
  struct Forms;
  const Forms& forms() const { return *forms_; }

 private:
  std::string bytes_;
  std::unique_ptr<Forms> forms_;
};

class SectionWriter {
 public:
  // `dictionary` may be null; outlives the writer.
  SectionWriter(const Dictionary* dictionary, int level);
  ~SectionWriter();
  enum class Kind { text, numbers };  // text may use the dictionary
  void add(std::string_view bytes, Kind kind = Kind::numbers);
  // What it would take, about: for a choice between forms.
  size_t cost(std::string_view bytes, Kind kind = Kind::numbers);
  std::string take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// In the order in which they were added. Throws record::Corruption.
class SectionReader {
 public:
  SectionReader(std::string_view bytes, const Dictionary* dictionary);
  ~SectionReader();
  std::string next();
  bool done() const { return in_.done(); }

 private:
  VarintReader in_;
  const Dictionary* dictionary_;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::log
