#include "log/section.h"

#include <zstd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "record/batch.h"

namespace lode::log {

namespace {

constexpr int kTrialLevel = 3;
constexpr uint64_t kMostBytes = 1ull << 30;  // of a section: bounds what a reader allocates
enum Method : uint64_t { kStored = 0, kZstd = 1, kWithDictionary = 2 };

[[noreturn]] void corrupt(const char* what) { throw record::Corruption(std::string("log chunk: ") + what); }

void require(size_t zstd_result) {
  if (ZSTD_isError(zstd_result))
    throw std::runtime_error(std::string("zstd: ") + ZSTD_getErrorName(zstd_result));
}

}  // namespace

void put_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

uint64_t VarintReader::next() {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (at_ == bytes_.size()) corrupt("a number is cut off");
    const auto byte = static_cast<uint8_t>(bytes_[at_++]);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  corrupt("a number is too long");
}

std::string_view VarintReader::bytes(uint64_t count) {
  if (count > bytes_.size() - at_) corrupt("bytes are cut off");
  const std::string_view out = bytes_.substr(at_, count);
  at_ += count;
  return out;
}

struct Dictionary::Forms {
  std::unique_ptr<ZSTD_CDict, decltype(&ZSTD_freeCDict)> writing{nullptr, &ZSTD_freeCDict};
  std::unique_ptr<ZSTD_DDict, decltype(&ZSTD_freeDDict)> reading{nullptr, &ZSTD_freeDDict};
};

Dictionary::Dictionary(std::string bytes, int level)
    : bytes_(std::move(bytes)), forms_(std::make_unique<Forms>()) {
  if (level > 0) forms_->writing.reset(ZSTD_createCDict(bytes_.data(), bytes_.size(), level));
  forms_->reading.reset(ZSTD_createDDict(bytes_.data(), bytes_.size()));
  if (!forms_->reading || (level > 0 && !forms_->writing)) corrupt("its dictionary can't be used");
}
Dictionary::~Dictionary() = default;

struct SectionWriter::Impl {
  const Dictionary* dictionary;
  int level;
  std::string out, scratch;
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(), &ZSTD_freeCCtx};

  // The frame is in `scratch`.
  size_t compress(std::string_view bytes, bool with_dictionary, int at_level) {
    const size_t bound = ZSTD_compressBound(bytes.size());
    if (scratch.size() < bound) scratch.resize(bound);
    const size_t size =
        with_dictionary
            ? ZSTD_compress_usingCDict(context.get(), scratch.data(), bound, bytes.data(), bytes.size(),
                                       dictionary->forms().writing.get())
            : ZSTD_compressCCtx(context.get(), scratch.data(), bound, bytes.data(), bytes.size(), at_level);
    require(size);
    return size;
  }
};

SectionWriter::SectionWriter(const Dictionary* dictionary, int level) : impl_(std::make_unique<Impl>()) {
  impl_->dictionary = dictionary;
  impl_->level = level;
  if (!impl_->context) throw std::bad_alloc();
}
SectionWriter::~SectionWriter() = default;

void SectionWriter::add(std::string_view bytes, Kind kind) {
  Impl& to = *impl_;
  const bool dictionary = to.dictionary && kind == Kind::text;
  size_t size = to.compress(bytes, dictionary, to.level);
  const bool stored = size >= bytes.size();
  put_varint(to.out, stored ? kStored : dictionary ? kWithDictionary : kZstd);
  put_varint(to.out, bytes.size());
  if (stored) {
    to.out += bytes;
    return;
  }
  put_varint(to.out, size);
  to.out.append(to.scratch, 0, size);
}

size_t SectionWriter::cost(std::string_view bytes, Kind kind) {
  const size_t size = impl_->compress(bytes, impl_->dictionary && kind == Kind::text, kTrialLevel);
  return std::min(size, bytes.size()) + 4;
}

std::string SectionWriter::take() { return std::exchange(impl_->out, {}); }

struct SectionReader::Impl {
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context{ZSTD_createDCtx(), &ZSTD_freeDCtx};
};

SectionReader::SectionReader(std::string_view bytes, const Dictionary* dictionary)
    : in_(bytes), dictionary_(dictionary), impl_(std::make_unique<Impl>()) {
  if (!impl_->context) throw std::bad_alloc();
}
SectionReader::~SectionReader() = default;

std::string SectionReader::next() {
  const uint64_t method = in_.next(), size = in_.next();
  if (size > kMostBytes || method > kWithDictionary) corrupt("a part of no known form");
  if (method == kStored) return std::string(in_.bytes(size));
  const std::string_view frame = in_.bytes(in_.next());
  if (method == kWithDictionary && !dictionary_) corrupt("its dictionary is missing");
  std::string out(size, '\0');
  const size_t got =
      method == kZstd
          ? ZSTD_decompressDCtx(impl_->context.get(), out.data(), size, frame.data(), frame.size())
          : ZSTD_decompress_usingDDict(impl_->context.get(), out.data(), size, frame.data(), frame.size(),
                                       dictionary_->forms().reading.get());
  if (ZSTD_isError(got) || got != size) corrupt("a part does not decompress");
  return out;
}

}  // namespace lode::log
