#include "log/archive.h"

#include <algorithm>
#include <stdexcept>

namespace lode::log {

namespace {

bool ends_before(const ArchivedChunk& chunk, uint64_t index) { return chunk.last < index; }

}  // namespace

std::string dictionary_name(uint32_t number) { return "archive/dictionary/" + std::to_string(number); }

const ArchivedChunk* Archive::find(uint64_t index) const {
  const auto found = std::lower_bound(chunks_.begin(), chunks_.end(), index, ends_before);
  return found == chunks_.end() || found->first > index ? nullptr : &*found;
}

std::vector<ArchivedChunk> Archive::replaced_by(const ChunkHead& chunk, const Extent& extent) const {
  const uint64_t first = chunk.first.value, last = chunk.last().value;
  if (chunk.entries == 0 || first < extent.first || last > extent.last ||
      first > std::max(this->last() + 1, extent.first))
    throw std::logic_error("log: a chunk of entries that are not there, or behind others that are in none");
  std::vector<ArchivedChunk> out;
  for (const ArchivedChunk& other : chunks_) {
    if (other.last < first || other.first > last) continue;
    if (std::max(other.first, extent.first) < first || other.last > last)
      throw std::logic_error("log: a chunk that cuts another one in two");
    out.push_back(other);
  }
  return out;
}

void Archive::add(const ArchivedChunk& chunk) {
  std::erase_if(chunks_, [&](const ArchivedChunk& other) {
    return other.last >= chunk.first && other.first <= chunk.last;
  });
  chunks_.insert(std::lower_bound(chunks_.begin(), chunks_.end(), chunk.first, ends_before), chunk);
}

std::vector<ArchivedChunk> Archive::drop_prefix(uint64_t first_kept) {
  const auto kept = std::lower_bound(chunks_.begin(), chunks_.end(), first_kept, ends_before);
  std::vector<ArchivedChunk> out(chunks_.begin(), kept);
  chunks_.erase(chunks_.begin(), kept);
  return out;
}

std::vector<ArchivedChunk> Archive::drop_suffix(uint64_t from) {
  const auto first = std::lower_bound(chunks_.begin(), chunks_.end(), from, ends_before);
  std::vector<ArchivedChunk> out(first, chunks_.end());
  chunks_.erase(first, chunks_.end());
  return out;
}

uint64_t Archive::bytes_from(uint64_t first) const {
  uint64_t bytes = 0;
  for (const ArchivedChunk& chunk : chunks_)
    if (chunk.last >= first) bytes += chunk.bytes;
  return bytes;
}

uint64_t Archive::last_beyond(uint64_t kept_bytes, uint64_t bytes_behind) const {
  for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend(); ++chunk) {
    if (bytes_behind >= kept_bytes) return chunk->last;
    bytes_behind += chunk->bytes;
  }
  return bytes_behind >= kept_bytes && !chunks_.empty() ? chunks_.front().first - 1 : 0;
}

uint64_t last_beyond_of(const Archive& archive, const SizeMarks& behind, uint64_t kept_bytes) {
  const uint64_t last = behind.last_beyond(kept_bytes);
  if (archive.last() == 0 || last > archive.last()) return last;
  return archive.last_beyond(kept_bytes, behind.bytes_from(archive.last() + 1));
}

void require_behind_archive(const Archive& archive, record::EntryIndex from) {
  if (from.value <= archive.last())
    throw std::logic_error("log: entries up to " + std::to_string(archive.last()) +
                           " are in chunks: they can't be replaced");
}

ChunkCache::Entries ChunkCache::decode(std::string_view chunk, const ReadFact& fact) {
  const auto dictionary = [&](uint32_t number) -> const Dictionary& {
    std::lock_guard lock(mutex_);
    auto& known = dictionaries_[number];
    if (!known) {
      const auto bytes = fact(dictionary_name(number));
      if (!bytes) throw record::Corruption("log: dictionary " + std::to_string(number) + " is missing");
      known = std::make_unique<Dictionary>(*bytes, 0);
    }
    return *known;
  };
  return std::make_shared<const std::vector<StoredEntry>>(read_chunk(chunk, dictionary));
}

ChunkCache::Entries ChunkCache::find(record::GroupId group, uint64_t last) const {
  std::lock_guard lock(mutex_);
  for (const One& one : kept_)
    if (one.group == group && one.last == last) return one.entries;
  return nullptr;
}

void ChunkCache::keep(record::GroupId group, uint64_t last, Entries entries) {
  std::lock_guard lock(mutex_);
  if (kept_.size() == kKept) kept_.erase(kept_.begin());
  kept_.push_back({group, last, std::move(entries)});
}

void ChunkCache::forget() {
  std::lock_guard lock(mutex_);
  kept_.clear();
}

}  // namespace lode::log
