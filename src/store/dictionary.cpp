#include "store/dictionary.h"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

#include "store/byte_chunks.h"
#include "store/bytes.h"
#include "store/hash_table.h"
#include "store/row_group.h"
#include "store/text_cache.h"

namespace lode::store {

namespace {

constexpr std::string_view kFamily = "dictionary";
constexpr std::array kDomains{Domain::sku,     Domain::customer, Domain::customer_type,
                              Domain::channel, Domain::category, Domain::source};

std::string prefix_of(Domain domain) { return std::string(1, static_cast<char>(domain)); }

// Numbers by hash, in 64 tables that grow each at its own time, so that no growth takes long.
class Numbers {
 public:
  Numbers() {
    tables_.reserve(size_t{1} << kShardBits);
    while (tables_.size() < size_t{1} << kShardBits) tables_.emplace_back(1);
  }

  uint32_t find(const Hash96& key) const {
    const uint32_t* number = tables_[shard(key)].find(within(key));
    return number ? *number : 0;
  }
  void prefetch(const Hash96& key) const { tables_[shard(key)].prefetch(within(key)); }
  void insert(const Hash96& key, uint32_t number) { tables_[shard(key)].insert(within(key), &number); }

 private:
  static constexpr unsigned kShardBits = 6;
  static size_t shard(const Hash96& key) { return key.high >> (64 - kShardBits); }
  // A table places a key by its highest bits: those that chose the table move to the end.
  static Hash96 within(const Hash96& key) {
    return {key.high << kShardBits | key.high >> (64 - kShardBits), key.low};
  }
  std::vector<HashTable> tables_;
};

// The texts whose numbers were given in one epoch: first, first + 1, ...
struct Epoch {
  struct Text {
    std::string_view text;
    Domain domain;
  };
  uint32_t first = 1;
  std::vector<Text> texts;
  ByteChunks chunks;

  bool holds(uint32_t number) const { return number >= first && number - first < texts.size(); }
  uint32_t end() const { return first + static_cast<uint32_t>(texts.size()); }
  uint64_t memory_bytes() const { return chunks.memory_bytes() + texts.capacity() * sizeof(Text); }

  // Texts of one domain with numbers above `after`, until `visit` says false; then returns false.
  bool scan(Domain domain, uint32_t after, const RowVisit& visit) const {
    for (uint32_t number = std::max(first, after + 1); number < end(); ++number) {
      const Text& at = texts[number - first];
      if (at.domain == domain && !visit(number, at.text)) return false;
    }
    return true;
  }
};

}  // namespace

struct Dictionary::Impl {
  explicit Impl(Hasher with) : hasher(with) {}

  Hasher hasher;
  Numbers numbers;
  std::vector<Domain> domains;  // of number i at i - 1
  TextHashes text_hashes;
  Epoch active, frozen;
  std::shared_ptr<const Snapshot> snapshot;
  mutable TextCache cache;

  Hash96 hash(Domain domain, std::string_view text) const { return hasher(prefix_of(domain), text); }

  void load_domain(Domain domain) {
    auto add = [&](uint64_t number, std::string_view text) {
      if (number == 0 || number > std::numeric_limits<uint32_t>::max())
        throw Damaged("an impossible number of a text");
      if (domains.size() < number) domains.resize(number, Domain{});
      domains[number - 1] = domain;
      text_hashes.set(static_cast<uint32_t>(number), text);
      numbers.insert(hash(domain, text), static_cast<uint32_t>(number));
      return true;
    };
    scan_grouped_rows(*snapshot, kFamily, prefix_of(domain), 0, std::numeric_limits<uint64_t>::max(), add);
  }
};

Dictionary::Dictionary(Hasher hasher) : impl_(std::make_unique<Impl>(hasher)) {}

Dictionary::~Dictionary() = default;

uint32_t Dictionary::intern(Domain domain, std::string_view text) {
  if (text.empty()) return 0;
  Hash96 key = impl_->hash(domain, text);
  if (uint32_t number = impl_->numbers.find(key)) return number;
  if (impl_->domains.size() == std::numeric_limits<uint32_t>::max()) {
    throw std::length_error("the dictionary's numbers are used up");
  }
  Epoch& active = impl_->active;
  uint32_t number = active.end();
  active.texts.push_back({active.chunks.append(text), domain});
  impl_->domains.push_back(domain);
  impl_->text_hashes.set(number, text);
  impl_->numbers.insert(key, number);
  return number;
}

std::optional<uint32_t> Dictionary::find(Domain domain, std::string_view text) const {
  if (text.empty()) return 0;
  uint32_t number = impl_->numbers.find(impl_->hash(domain, text));
  if (number == 0) return std::nullopt;
  return number;
}

Hash96 Dictionary::hash(Domain domain, std::string_view text) const { return impl_->hash(domain, text); }

void Dictionary::prefetch(const Hash96& hash) const { impl_->numbers.prefetch(hash); }

uint32_t Dictionary::find(const Hash96& hash) const { return impl_->numbers.find(hash); }

std::string Dictionary::text(uint32_t number) const {
  if (number == 0) return {};
  for (const Epoch* epoch : {&impl_->active, &impl_->frozen}) {
    if (epoch->holds(number)) return std::string(epoch->texts[number - epoch->first].text);
  }
  std::string text;
  if (impl_->cache.get(number, text)) return text;
  if (number > impl_->domains.size()) throw std::out_of_range("a number that no text has");
  if (!get_grouped_row(*impl_->snapshot, kFamily, prefix_of(impl_->domains[number - 1]), number, text)) {
    throw Damaged("the text of number " + std::to_string(number) + " is missing");
  }
  impl_->cache.put(number, text);
  return text;
}

uint32_t Dictionary::size() const { return static_cast<uint32_t>(impl_->domains.size()); }

const TextHashes& Dictionary::text_hashes() const { return impl_->text_hashes; }

TextHashes Dictionary::scan_text_hashes() const {
  TextHashes hashes;
  for (Domain domain : kDomains) {
    scan(domain, 0, [&](uint32_t number, std::string_view text) {
      hashes.set(number, text);
      return true;
    });
  }
  return hashes;
}

void Dictionary::scan(Domain domain, uint32_t after,
                      const std::function<bool(uint32_t, std::string_view)>& visit) const {
  auto each = [&](uint64_t number, std::string_view text) {
    return visit(static_cast<uint32_t>(number), text);
  };
  if (scan_grouped_rows(*impl_->snapshot, kFamily, prefix_of(domain), uint64_t{after} + 1,
                        std::numeric_limits<uint64_t>::max(), each) &&
      impl_->frozen.scan(domain, after, each)) {
    impl_->active.scan(domain, after, each);
  }
}

std::vector<Family> Dictionary::families() const { return {{std::string(kFamily), nullptr}}; }

void Dictionary::load(std::shared_ptr<const Snapshot> snapshot) {
  impl_->snapshot = std::move(snapshot);
  impl_->numbers = {};
  impl_->domains.clear();
  impl_->text_hashes.clear();
  impl_->frozen = {};
  impl_->active = {};
  impl_->cache.clear();
  for (Domain domain : kDomains) impl_->load_domain(domain);
  for (Domain domain : impl_->domains) {
    if (domain == Domain{}) throw Damaged("the dictionary lacks a number");
  }
  impl_->active.first = size() + 1;
}

void Dictionary::freeze() {
  impl_->frozen = std::move(impl_->active);
  impl_->active = {};
  impl_->active.first = impl_->frozen.end();
}

void Dictionary::write_frozen(Ingestion& ingestion) {
  const Epoch& frozen = impl_->frozen;
  if (frozen.texts.empty()) return;
  ingestion.begin(kFamily);
  for (Domain domain : kDomains) {
    RowGroupWriter groups(ingestion, prefix_of(domain));
    frozen.scan(domain, 0, [&](uint64_t number, std::string_view text) {
      groups.add(number, text);
      return true;
    });
    groups.finish();
  }
}

void Dictionary::release_frozen(std::shared_ptr<const Snapshot> snapshot) {
  impl_->frozen = {};
  impl_->snapshot = std::move(snapshot);
}

uint64_t Dictionary::memory_bytes() const {
  return impl_->active.memory_bytes() + impl_->frozen.memory_bytes();
}

}  // namespace lode::store
