#include "snapshot/outgoing.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace lode::snapshot {

namespace {

KnownHashes::key_type key_of(const std::filesystem::path& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0)
    throw std::system_error(errno, std::generic_category(), path.string() + " can't be looked at");
  return {facts.st_dev, facts.st_ino, static_cast<uint64_t>(facts.st_size),
          int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec};
}

}  // namespace

Outgoing::Outgoing(std::filesystem::path folder, uint64_t id, const store::Checkpoint& checkpoint,
                   KnownHashes& known)
    : folder_(std::move(folder)), known_(known) {
  manifest_.id = id;
  manifest_.checkpoint = checkpoint;
  for (const auto& file : std::filesystem::directory_iterator(folder_))
    manifest_.files.push_back({file.path().filename(), file.file_size(), {}});
  std::sort(manifest_.files.begin(), manifest_.files.end(),
            [](const ManifestFile& a, const ManifestFile& b) { return a.name < b.name; });
}

Outgoing::~Outgoing() {
  std::error_code ignored;  // what stays is removed at the next start
  std::filesystem::remove_all(folder_, ignored);
}

void Outgoing::hash_some(size_t bytes) {
  std::string block;
  while (!is_ready() && bytes > 0) {
    ManifestFile& file = manifest_.files[at_];
    const std::filesystem::path path = folder_ / file.name;
    if (!file_) {
      const auto found = known_.find(key_of(path));
      if (found != known_.end()) {
        finish_hash(found->second);
        continue;
      }
      file_.emplace(File::open(path));
      offset_ = 0;
      hasher_.emplace();
    }
    block.resize(std::min<uint64_t>({bytes, kMaxPieceBytes, file.size - offset_}));
    if (file_->read(offset_, block.data(), block.size()) != block.size())
      throw std::system_error(EIO, std::generic_category(), path.string() + " is shorter than it was");
    hasher_->add(block);
    offset_ += block.size();
    bytes -= block.size();
    if (offset_ < file.size) continue;
    known_[key_of(path)] = hasher_->hash();
    finish_hash(hasher_->hash());
  }
}

void Outgoing::finish_hash(const ContentHash& hash) {
  manifest_.files[at_].hash = hash;
  hashed_bytes_ += manifest_.files[at_].size;
  file_.reset();
  offset_ = 0;
  ++at_;
}

Opened Outgoing::opened() const {
  if (is_ready()) return manifest_;
  return Preparing{hashed_bytes_ + offset_, manifest_.bytes()};
}

bool Outgoing::holds(const Read& read) const {
  if (read.file >= manifest_.files.size()) return false;
  const uint64_t size = manifest_.files[read.file].size;
  return read.offset <= size && read.length <= size - read.offset;
}

std::string Outgoing::read_piece(const Read& read) const {
  const std::filesystem::path path = folder_ / manifest_.files[read.file].name;
  std::string answer(kPieceHead + read.length, '\0');
  if (File::open(path).read(read.offset, answer.data() + kPieceHead, read.length) != read.length)
    throw std::system_error(EIO, std::generic_category(), path.string() + " is shorter than it was");
  seal_piece(answer);
  return answer;
}

}  // namespace lode::snapshot
