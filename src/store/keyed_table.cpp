#include "store/keyed_table.h"

#include <absl/container/btree_map.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "store/byte_chunks.h"
#include "store/bytes.h"

namespace lode::store {

namespace {

template <typename Number>
std::string big_endian(Number number) {
  std::string key(sizeof number, '\0');
  for (size_t i = key.size(); i-- > 0; number >>= 8) key[i] = static_cast<char>(number);
  return key;
}

// Keys and values lie in chunks, so that an epoch is dropped without visiting each row.
struct Epoch {
  struct Value {
    char* bytes = nullptr;
    uint32_t size = 0;
    uint32_t room = 0;
    bool live = true;  // false: removed
    std::string_view text() const { return {bytes, size}; }
  };
  using Rows = absl::btree_map<std::string_view, Value, std::less<>>;
  Rows rows;
  ByteChunks chunks;

  Value& at(std::string_view key) {
    bool ascending = rows.empty() || rows.rbegin()->first < key;
    auto at = ascending ? rows.end() : rows.lower_bound(key);
    if (!ascending && at != rows.end() && at->first == key) return at->second;
    return rows.emplace_hint(at, chunks.append(key), Value{})->second;
  }

  void put(std::string_view key, std::string_view text) {
    Value& value = at(key);
    if (text.size() > value.room) {
      // A row that grows gets room to grow: all the room it ever had is then a few times its size.
      size_t room = std::max<size_t>(text.size(), size_t{value.room} * 2);
      value.room = static_cast<uint32_t>(std::min<size_t>(room, std::numeric_limits<uint32_t>::max()));
      value.bytes = chunks.allocate(value.room);
    }
    value.size = static_cast<uint32_t>(text.size());
    value.live = true;
    if (!text.empty()) std::memcpy(value.bytes, text.data(), text.size());
  }

  void remove(std::string_view key) { at(key).live = false; }

  const Value* find(std::string_view key) const {
    auto found = rows.find(key);
    return found == rows.end() ? nullptr : &found->second;
  }

  uint64_t memory_bytes() const {
    return chunks.memory_bytes() + rows.size() * (sizeof(Rows::value_type) * 3 / 2);
  }
};

// A walk over one epoch that stops before `upper`.
struct Walk {
  Epoch::Rows::const_iterator at, end;
  Walk(const Epoch& epoch, std::string_view lower, std::string_view upper)
      : at(epoch.rows.lower_bound(lower)),
        end(upper.empty() ? epoch.rows.end() : epoch.rows.lower_bound(upper)) {}
  bool valid() const { return at != end; }
};

}  // namespace

std::string key_of(uint64_t number) { return big_endian(number); }
std::string key_of(uint32_t number) { return big_endian(number); }

uint64_t number_of(std::string_view key) {
  if (key.size() != 4 && key.size() != 8) throw Damaged("a number's key must have 4 or 8 bytes");
  uint64_t number = 0;
  for (char byte : key) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}

struct KeyedTable::Impl {
  std::string family;
  Epoch active, frozen;
  std::shared_ptr<const Snapshot> snapshot;
};

KeyedTable::KeyedTable(std::string family) : impl_(std::make_unique<Impl>()) {
  impl_->family = std::move(family);
}

KeyedTable::~KeyedTable() = default;

bool KeyedTable::get(std::string_view key, std::string& value) const {
  const Epoch::Value* found = impl_->active.find(key);
  if (!found) found = impl_->frozen.find(key);
  if (!found) return impl_->snapshot->get(impl_->family, key, value);
  if (found->live) value = found->text();
  return found->live;
}

void KeyedTable::scan(std::string_view lower, std::string_view upper,
                      const std::function<bool(std::string_view, std::string_view)>& visit) const {
  if (!upper.empty() && lower >= upper) return;
  Walk active(impl_->active, lower, upper);
  Walk frozen(impl_->frozen, lower, upper);
  std::unique_ptr<Iterator> disk = impl_->snapshot->iterate(impl_->family, lower, upper);
  while (true) {
    // The smallest key of the three; the newest epoch that has it decides.
    const Epoch::Rows::value_type* newest = active.valid() ? &*active.at : nullptr;
    if (frozen.valid() && (!newest || frozen.at->first < newest->first)) newest = &*frozen.at;
    bool on_disk = disk->valid() && (!newest || disk->key() < newest->first);
    if (!newest && !on_disk) return;
    if (on_disk) {
      if (!visit(disk->key(), disk->value())) return;
      disk->next();
      continue;
    }
    std::string_view key = newest->first;
    if (newest->second.live && !visit(key, newest->second.text())) return;
    if (active.valid() && active.at->first == key) ++active.at;
    if (frozen.valid() && frozen.at->first == key) ++frozen.at;
    if (disk->valid() && disk->key() == key) disk->next();
  }
}

void KeyedTable::put(std::string_view key, std::string_view value) { impl_->active.put(key, value); }

void KeyedTable::remove(std::string_view key) { impl_->active.remove(key); }

std::vector<Family> KeyedTable::families() const { return {{impl_->family, nullptr}}; }

void KeyedTable::load(std::shared_ptr<const Snapshot> snapshot) {
  impl_->active = {};
  impl_->frozen = {};
  impl_->snapshot = std::move(snapshot);
}

void KeyedTable::freeze() {
  impl_->frozen = std::move(impl_->active);
  impl_->active = {};
}

void KeyedTable::write_frozen(Ingestion& ingestion) {
  if (impl_->frozen.rows.empty()) return;
  ingestion.begin(impl_->family);
  for (const auto& [key, value] : impl_->frozen.rows) {
    if (value.live) {
      ingestion.put(key, value.text());
    } else {
      ingestion.remove(key);
    }
  }
}

void KeyedTable::release_frozen(std::shared_ptr<const Snapshot> snapshot) {
  impl_->frozen = {};
  impl_->snapshot = std::move(snapshot);
}

uint64_t KeyedTable::memory_bytes() const {
  return impl_->active.memory_bytes() + impl_->frozen.memory_bytes();
}

}  // namespace lode::store
