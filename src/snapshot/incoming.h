// The folder that a state is fetched into. It outlives the process:
//   files/<hash>-<size>   whole and as its name says, on stable storage: of any manifest, under any name
//   there files/….part          being fetched; nothing after a restart state/                a whole state,
//   complete the moment it is there
// So a fetch that was cut short goes on, whatever the manifest is called by then. One thread.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "snapshot/file.h"
#include "snapshot/manifest.h"

namespace lode::snapshot {

// Part of a file that is missing.
struct Piece {
  uint32_t file = 0;  // place in the manifest
  uint32_t length = 0;
  uint64_t offset = 0;
};

class Incoming {
 public:
  // Makes the folder, removes what is half. Everything throws std::system_error where the disk does.
  Incoming(std::filesystem::path folder, uint32_t piece_bytes);
  ~Incoming();

  std::filesystem::path state_folder() const { return folder_ / "state"; }
  bool has_state() const { return std::filesystem::exists(state_folder()); }
  void drop_state();
  // Reads what files/ holds and removes what is not what its name says; ends early when `go_on` says false.
  void check_files(const std::function<bool()>& go_on);

  // From now on the files of this manifest are wanted, all others go; what is there of them already stays,
  // and pieces that were taken and not written are missing again.
  void begin(const Manifest& manifest);
  uint64_t missing_bytes() const { return of_bytes_ - done_bytes_; }
  uint64_t done_bytes() const { return done_bytes_; }
  uint64_t of_bytes() const { return of_bytes_; }

  std::optional<Piece> take();         // the next one that is missing and not taken
  void give_back(const Piece& piece);  // it did not come
  // A piece that was taken. False: with it the file was whole, and is not what the manifest says; it is
  // missing again.
  bool write(const Piece& piece, std::string_view bytes);
  // What is half is dropped with its file: after a write that failed.
  void drop_parts();

  // Nothing is missing: puts the files together as the state, and forgets them here.
  void assemble();

 private:
  struct Part;
  using Key = std::string;  // <hash>-<size>

  std::filesystem::path files() const { return folder_ / "files"; }
  std::filesystem::path part_path(const Key& key) const { return files() / (key + ".part"); }
  bool finish(const ManifestFile& file, const Key& key, Part& part);
  void make_empty(const Key& key);

  const std::filesystem::path folder_;
  const uint32_t piece_bytes_;
  Manifest manifest_;
  std::map<Key, uint32_t> wanted_;  // to the first file of the manifest with this content
  std::vector<Key> keys_;           // of the manifest's files
  std::map<Key, std::unique_ptr<Part>> parts_;
  uint32_t next_file_ = 0;                  // before it nothing is missing and not taken
  uint64_t done_bytes_ = 0, of_bytes_ = 0;  // each content once
};

}  // namespace lode::snapshot
