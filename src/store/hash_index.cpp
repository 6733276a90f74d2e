#include "store/hash_index.h"

#include <stdexcept>
#include <utility>

#include "store/bytes.h"
#include "store/filter_builder.h"
#include "store/hash_filter.h"
#include "store/hash_table.h"

namespace lode::store {

namespace {

constexpr uint64_t kMinimumCapacity = uint64_t{1} << 18;
constexpr size_t kKeyBytes = 12;
constexpr size_t kOffsetBytes = 6;
constexpr size_t kContentBytes = 8;
// Sorts before all keys, and holds how many there are.
constexpr std::string_view kCountKey("\0", 1);

void put_big_endian(char* out, uint64_t value, size_t bytes) {
  for (size_t i = bytes; i-- > 0; value >>= 8) out[i] = static_cast<char>(value);
}

uint64_t big_endian(std::string_view in) {
  uint64_t value = 0;
  for (char byte : in) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

void encode_key(const Hash96& key, char* out) {
  put_big_endian(out, key.high, 8);
  put_big_endian(out + 8, key.low, 4);
}

Hash96 decode_key(std::string_view bytes) {
  if (bytes.size() != kKeyBytes) throw Damaged("an index key of the wrong length");
  return {big_endian(bytes.substr(0, 8)), static_cast<uint32_t>(big_endian(bytes.substr(8)))};
}

// A value in memory: [content low, content high,] offset low, offset high with the mark of a taken slot.
constexpr uint32_t kTaken = 1u << 16;

}  // namespace

struct HashIndex::Impl {
  std::string family;
  bool with_content;
  uint64_t count = 0;
  uint64_t frozen_count = 0;  // with the frozen epoch
  std::unique_ptr<HashTable> active;
  std::shared_ptr<const HashTable> frozen;  // the builder may hold it a little longer
  std::shared_ptr<const Snapshot> snapshot;
  std::unique_ptr<HashFilter> filter;  // null until the first one is built
  std::unique_ptr<FilterBuilder> builder;

  unsigned payload_words() const { return with_content ? 4 : 2; }

  IndexValue value_of(const uint32_t* payload) const {
    IndexValue value;
    if (with_content) {
      value.content = static_cast<uint64_t>(payload[1]) << 32 | payload[0];
      payload += 2;
    }
    value.offset = static_cast<uint64_t>(payload[1] & (kTaken - 1)) << 32 | payload[0];
    return value;
  }

  std::optional<IndexValue> find_on_disk(const Hash96& key) const {
    char bytes[kKeyBytes];
    encode_key(key, bytes);
    thread_local std::string stored;
    if (!snapshot->get(family, std::string_view(bytes, kKeyBytes), stored)) return std::nullopt;
    if (stored.size() != kOffsetBytes + (with_content ? kContentBytes : 0)) {
      throw Damaged("an index value of the wrong length");
    }
    IndexValue value;
    value.offset = big_endian(std::string_view(stored).substr(0, kOffsetBytes));
    value.content = big_endian(std::string_view(stored).substr(kOffsetBytes));
    return value;
  }

  void start_builder() {
    auto walk = [from = snapshot, memory = frozen, name = family](const FilterBuilder::Add& add) {
      if (memory) memory->for_each([&](const Hash96& key, const uint32_t*) { add(key); });
      std::unique_ptr<Iterator> rows = from->iterate(name, {}, {});
      for (rows->seek(std::string(kKeyBytes, '\0')); rows->valid(); rows->next()) {
        if (!add(decode_key(rows->key()))) return;
      }
    };
    builder = std::make_unique<FilterBuilder>(std::max(kMinimumCapacity, count + count / 2), std::move(walk));
  }

  void install_built() {
    if (!builder || !builder->done()) return;
    std::unique_ptr<FilterBuilder> done = std::move(builder);
    filter = done->take();
  }
};

HashIndex::HashIndex(std::string family, bool with_content) : impl_(std::make_unique<Impl>()) {
  impl_->family = std::move(family);
  impl_->with_content = with_content;
}

HashIndex::~HashIndex() = default;

std::optional<IndexValue> HashIndex::find(const Hash96& key) const {
  if (impl_->filter && !impl_->filter->may_contain(key)) return std::nullopt;
  const uint32_t* payload = impl_->active->find(key);
  if (!payload && impl_->frozen) payload = impl_->frozen->find(key);
  if (payload) return impl_->value_of(payload);
  return impl_->find_on_disk(key);
}

void HashIndex::insert(const Hash96& key, const IndexValue& value) {
  if (value.offset >> 48) throw std::logic_error("an index offset of more than 48 bits");
  uint32_t payload[4];
  unsigned at = 0;
  if (impl_->with_content) {
    payload[at++] = static_cast<uint32_t>(value.content);
    payload[at++] = static_cast<uint32_t>(value.content >> 32);
  }
  payload[at++] = static_cast<uint32_t>(value.offset);
  payload[at++] = static_cast<uint32_t>(value.offset >> 32) | kTaken;
  impl_->active->insert(key, payload);
  ++impl_->count;
  if (impl_->filter) impl_->filter->insert(key);
  if (impl_->builder) {
    impl_->builder->insert(key);
    impl_->install_built();
  }
}

void HashIndex::prefetch(const Hash96& key) const {
  if (impl_->filter) impl_->filter->prefetch(key);
  impl_->active->prefetch(key);
}

uint64_t HashIndex::size() const { return impl_->count; }

std::vector<Family> HashIndex::families() const { return {{impl_->family, nullptr}}; }

void HashIndex::load(std::shared_ptr<const Snapshot> snapshot) {
  impl_->builder.reset();
  impl_->filter.reset();
  impl_->frozen.reset();
  impl_->active = std::make_unique<HashTable>(impl_->payload_words());
  impl_->snapshot = std::move(snapshot);
  impl_->count = 0;
  std::string stored;
  if (impl_->snapshot->get(impl_->family, kCountKey, stored)) {
    impl_->count = big_endian(stored);
    impl_->start_builder();
  } else {
    impl_->filter = std::make_unique<HashFilter>(kMinimumCapacity);
  }
}

void HashIndex::freeze() {
  impl_->install_built();
  uint64_t expected = impl_->active->size();
  impl_->frozen = std::move(impl_->active);
  impl_->frozen_count = impl_->count;
  impl_->active = std::make_unique<HashTable>(impl_->payload_words(), expected);
  if (impl_->filter && !impl_->builder && impl_->count > impl_->filter->capacity()) impl_->start_builder();
}

void HashIndex::write_frozen(Ingestion& ingestion) {
  if (impl_->frozen->size() == 0) return;
  ingestion.begin(impl_->family);
  char count[8];
  put_big_endian(count, impl_->frozen_count, sizeof count);
  ingestion.put(kCountKey, std::string_view(count, sizeof count));
  char value[kOffsetBytes + kContentBytes];
  size_t value_bytes = kOffsetBytes + (impl_->with_content ? kContentBytes : 0);
  impl_->frozen->for_each_sorted([&](const Hash96& key, const uint32_t* payload) {
    char bytes[kKeyBytes];
    encode_key(key, bytes);
    IndexValue stored = impl_->value_of(payload);
    put_big_endian(value, stored.offset, kOffsetBytes);
    put_big_endian(value + kOffsetBytes, stored.content, kContentBytes);
    ingestion.put(std::string_view(bytes, kKeyBytes), std::string_view(value, value_bytes));
  });
}

void HashIndex::release_frozen(std::shared_ptr<const Snapshot> snapshot) {
  impl_->frozen.reset();
  impl_->snapshot = std::move(snapshot);
}

uint64_t HashIndex::memory_bytes() const {
  uint64_t bytes = impl_->active->memory_bytes();
  if (impl_->frozen) bytes += impl_->frozen->memory_bytes();
  if (impl_->filter) bytes += impl_->filter->memory_bytes();
  return bytes;
}

}  // namespace lode::store
