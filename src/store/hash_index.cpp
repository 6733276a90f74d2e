#include "store/hash_index.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "store/bytes.h"
#include "store/filter_builder.h"
#include "store/hash_filter.h"
#include "store/hash_table.h"
#include "store/keyed_table.h"

namespace lode::store {

namespace {

constexpr uint64_t kMinimumCapacity = uint64_t{1} << 19;
constexpr size_t kHashesPerBlock = 8192;
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

// A value in memory: [content low, content high,] offset low, offset high with the mark of a taken slot.
constexpr uint32_t kTaken = 1u << 16;

}  // namespace

struct HashIndex::Impl {
  std::string family;
  std::string filter_family;
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
    auto walk = [from = snapshot, memory = frozen, of_disk = count_on(*snapshot),
                 name = filter_family](const FilterBuilder::Add& add) {
      if (memory) memory->for_each([&](const Hash96& key, const uint32_t*) { add(key.high); });
      uint64_t found = 0;
      for (auto blocks = from->iterate(name, {}, {}); blocks->valid(); blocks->next()) {
        std::string_view hashes = blocks->value();
        found += hashes.size() / sizeof(uint64_t);
        for (size_t at = 0; at + sizeof(uint64_t) <= hashes.size(); at += sizeof(uint64_t)) {
          uint64_t hash;
          std::memcpy(&hash, hashes.data() + at, sizeof hash);
          if (!add(hash)) return;
        }
      }
      if (found != of_disk) throw Damaged("the filter of " + name + " lacks keys");
    };
    builder = std::make_unique<FilterBuilder>(std::max(kMinimumCapacity, 2 * count), std::move(walk));
  }

  uint64_t count_on(const Snapshot& at) const {
    std::string stored;
    return at.get(family, kCountKey, stored) ? big_endian(stored) : 0;
  }

  void write_rows(Ingestion& ingestion) const {
    ingestion.begin(family);
    char total[8];
    put_big_endian(total, frozen_count, sizeof total);
    ingestion.put(kCountKey, std::string_view(total, sizeof total));
    char value[kOffsetBytes + kContentBytes];
    size_t value_bytes = kOffsetBytes + (with_content ? kContentBytes : 0);
    frozen->for_each_sorted([&](const Hash96& key, const uint32_t* payload) {
      char bytes[kKeyBytes];
      encode_key(key, bytes);
      IndexValue stored = value_of(payload);
      put_big_endian(value, stored.offset, kOffsetBytes);
      put_big_endian(value + kOffsetBytes, stored.content, kContentBytes);
      ingestion.put(std::string_view(bytes, kKeyBytes), std::string_view(value, value_bytes));
    });
  }

  // Each block under the number of keys up to its end: behind all earlier ones. Hashes in this machine's byte
  // order.
  void write_hashes(Ingestion& ingestion) const {
    ingestion.begin(filter_family);
    uint64_t written = frozen_count - frozen->size();
    std::string block;
    auto write_block = [&] {
      written += block.size() / sizeof(uint64_t);
      ingestion.put(key_of(written), block);
      block.clear();
    };
    frozen->for_each([&](const Hash96& key, const uint32_t*) {
      block.append(reinterpret_cast<const char*>(&key.high), sizeof key.high);
      if (block.size() == kHashesPerBlock * sizeof(uint64_t)) write_block();
    });
    if (!block.empty()) write_block();
  }

  void install_built() {
    if (!builder || !builder->done()) return;
    std::unique_ptr<FilterBuilder> done = std::move(builder);
    filter = done->take();
  }
};

HashIndex::HashIndex(std::string family, bool with_content) : impl_(std::make_unique<Impl>()) {
  impl_->filter_family = family + "_filter";
  impl_->family = std::move(family);
  impl_->with_content = with_content;
}

HashIndex::~HashIndex() = default;

std::optional<IndexValue> HashIndex::find(const Hash96& key) const {
  if (impl_->filter && !impl_->filter->may_contain(key.high)) return std::nullopt;
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
  if (impl_->filter) impl_->filter->insert(key.high);
  if (impl_->builder) {
    impl_->builder->insert(key.high);
    impl_->install_built();
  }
}

void HashIndex::prefetch(const Hash96& key) const {
  if (impl_->filter) impl_->filter->prefetch(key.high);
  impl_->active->prefetch(key);
}

uint64_t HashIndex::size() const { return impl_->count; }

void HashIndex::await_filter(uint64_t lookups) {
  // Measured (tests/bench/index_bench.cpp): a cold lookup on the disk takes some 40 us, a filter 10 M keys a
  // second.
  constexpr uint64_t kKeysBuiltInALookup = 400;
  if (!impl_->builder || impl_->count / kKeysBuiltInALookup > lookups) return;
  std::unique_ptr<FilterBuilder> building = std::move(impl_->builder);
  impl_->filter = building->take();
}

std::vector<Family> HashIndex::families() const {
  return {{impl_->family, nullptr, true}, {impl_->filter_family, nullptr, true}};
}

void HashIndex::load(std::shared_ptr<const Snapshot> snapshot) {
  impl_->builder.reset();
  impl_->filter.reset();
  impl_->frozen.reset();
  impl_->active = std::make_unique<HashTable>(impl_->payload_words());
  impl_->snapshot = std::move(snapshot);
  impl_->count = impl_->count_on(*impl_->snapshot);
  if (impl_->count > 0) {
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
  // In time for another epoch like this one.
  if (impl_->filter && !impl_->builder && impl_->count + expected > impl_->filter->capacity()) {
    impl_->start_builder();
  }
}

void HashIndex::write_frozen(Ingestion& ingestion) {
  if (impl_->frozen->size() == 0) return;
  impl_->write_rows(ingestion);
  impl_->write_hashes(ingestion);
}

void HashIndex::release_frozen(std::shared_ptr<const Snapshot> snapshot) {
  impl_->frozen.reset();
  impl_->snapshot = std::move(snapshot);
}

uint64_t HashIndex::memory_bytes() const {
  uint64_t bytes = impl_->active->memory_bytes();
  if (impl_->frozen) bytes += impl_->frozen->memory_bytes();
  return bytes;
}

}  // namespace lode::store
