#include "snapshot/incoming.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace lode::snapshot {

namespace {

constexpr size_t kBlockBytes = size_t{1} << 20;

std::string key_of(const ContentHash& hash, uint64_t size) { return hash.hex() + "-" + std::to_string(size); }

ContentHash hash_of(const File& file) {
  ContentHasher hasher;
  std::string block(kBlockBytes, '\0');
  for (uint64_t offset = 0;;) {
    const size_t got = file.read(offset, block.data(), block.size());
    hasher.add(std::string_view(block).substr(0, got));
    if (got < block.size()) return hasher.hash();
    offset += got;
  }
}

}  // namespace

struct Incoming::Part {
  Part(const std::filesystem::path& path, uint64_t pieces)
      : file(File::create(path)), have(pieces), taken(pieces) {}

  File file;
  std::vector<bool> have, taken;
  uint64_t had = 0;
  uint64_t next = 0;  // before it nothing is missing and not taken
};

Incoming::Incoming(std::filesystem::path folder, uint32_t piece_bytes)
    : folder_(std::move(folder)), piece_bytes_(piece_bytes) {
  std::filesystem::create_directories(files());
  std::filesystem::remove_all(folder_ / "state.new");
  std::vector<std::filesystem::path> half;
  for (const auto& file : std::filesystem::directory_iterator(files()))
    if (file.path().extension() == ".part") half.push_back(file.path());
  for (const auto& path : half) std::filesystem::remove(path);
}

Incoming::~Incoming() = default;

void Incoming::drop_state() { std::filesystem::remove_all(state_folder()); }

void Incoming::check_files(const std::function<bool()>& go_on) {
  std::vector<std::filesystem::path> all;
  for (const auto& file : std::filesystem::directory_iterator(files())) all.push_back(file.path());
  for (const auto& path : all) {
    if (!go_on()) return;
    if (key_of(hash_of(File::open(path)), std::filesystem::file_size(path)) != path.filename())
      std::filesystem::remove(path);
  }
}

void Incoming::begin(const Manifest& manifest) {
  manifest_ = manifest;
  wanted_.clear();
  keys_.clear();
  next_file_ = 0;
  done_bytes_ = of_bytes_ = 0;
  for (uint32_t i = 0; i < manifest_.files.size(); ++i) {
    keys_.push_back(key_of(manifest_.files[i].hash, manifest_.files[i].size));
    if (wanted_.emplace(keys_.back(), i).second) of_bytes_ += manifest_.files[i].size;
  }
  std::erase_if(parts_, [&](const auto& part) { return !wanted_.contains(part.first); });
  for (auto& [key, part] : parts_) {
    part->taken = part->have;
    part->next = 0;
    for (uint64_t i = 0; i < part->have.size(); ++i) {
      const ManifestFile& file = manifest_.files[wanted_[key]];
      if (part->have[i]) done_bytes_ += std::min<uint64_t>(piece_bytes_, file.size - i * piece_bytes_);
    }
  }
  std::vector<std::filesystem::path> unwanted;
  for (const auto& file : std::filesystem::directory_iterator(files())) {
    const Key key = file.path().filename();
    if (wanted_.contains(key))
      done_bytes_ += manifest_.files[wanted_[key]].size;
    else if (!parts_.contains(file.path().stem()))
      unwanted.push_back(file.path());
  }
  for (const auto& path : unwanted) std::filesystem::remove(path);
  for (const auto& [key, file] : wanted_)
    if (manifest_.files[file].size == 0) File::create(files() / key).sync();
}

std::optional<Piece> Incoming::take() {
  for (; next_file_ < keys_.size(); ++next_file_) {
    const Key& key = keys_[next_file_];
    const uint64_t size = manifest_.files[next_file_].size;
    if (size == 0 || wanted_[key] != next_file_ || std::filesystem::exists(files() / key)) continue;
    auto& part = parts_[key];
    if (!part) part = std::make_unique<Part>(part_path(key), (size + piece_bytes_ - 1) / piece_bytes_);
    for (; part->next < part->taken.size(); ++part->next) {
      if (part->taken[part->next]) continue;
      part->taken[part->next] = true;
      const uint64_t offset = part->next * piece_bytes_;
      return Piece{next_file_, static_cast<uint32_t>(std::min<uint64_t>(piece_bytes_, size - offset)),
                   offset};
    }
  }
  return std::nullopt;
}

void Incoming::give_back(const Piece& piece) {
  Part& part = *parts_.at(keys_[piece.file]);
  const uint64_t place = piece.offset / piece_bytes_;
  part.taken[place] = false;
  part.next = std::min(part.next, place);
  next_file_ = std::min(next_file_, piece.file);
}

bool Incoming::write(const Piece& piece, std::string_view bytes) {
  const Key& key = keys_[piece.file];
  Part& part = *parts_.at(key);
  part.file.write(piece.offset, bytes);
  part.have[piece.offset / piece_bytes_] = true;
  done_bytes_ += piece.length;
  if (++part.had < part.have.size()) return true;
  return finish(manifest_.files[piece.file], key, part);
}

bool Incoming::finish(const ManifestFile& file, const Key& key, Part& part) {
  const bool right = hash_of(part.file) == file.hash;
  if (right) {
    part.file.sync();
    std::filesystem::rename(part_path(key), files() / key);
    sync_folder(files());
  } else {
    std::filesystem::remove(part_path(key));
    done_bytes_ -= file.size;
    next_file_ = std::min(next_file_, wanted_[key]);
  }
  parts_.erase(key);
  return right;
}

void Incoming::drop_parts() {
  std::error_code ignored;  // what stays is emptied when it is begun again
  for (const auto& [key, part] : parts_) std::filesystem::remove(part_path(key), ignored);
  parts_.clear();
}

void Incoming::assemble() {
  const std::filesystem::path made = folder_ / "state.new";
  std::filesystem::remove_all(made);
  std::filesystem::create_directory(made);
  for (uint32_t i = 0; i < keys_.size(); ++i) {
    const std::filesystem::path from = files() / keys_[i], to = made / manifest_.files[i].name;
    if (wanted_[keys_[i]] == i) {
      std::filesystem::create_hard_link(from, to);
    } else {  // files of the same content are files of their own
      std::filesystem::copy_file(from, to);
      File::open(to).sync();
    }
  }
  sync_folder(made);
  drop_state();
  std::filesystem::rename(made, state_folder());
  sync_folder(folder_);
  std::filesystem::remove_all(files());
  std::filesystem::create_directory(files());
}

}  // namespace lode::snapshot
