// What a snapshot consists of: the files of a state at one checkpoint. Plain values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "snapshot/content_hash.h"
#include "store/checkpoint.h"

namespace lode::snapshot {

// Of the files: which column families there are and what their rows mean. A node takes no other one than its
// own.
inline constexpr uint32_t kStateFormat = 1;
inline constexpr size_t kMaxFiles = 65'536;
inline constexpr size_t kMaxNameBytes = 128;

struct ManifestFile {
  std::string name;  // a plain name, without a folder
  uint64_t size = 0;
  ContentHash hash;
  friend bool operator==(const ManifestFile&, const ManifestFile&) = default;
};

struct Manifest {
  uint64_t id = 0;  // of the snapshot, at the node that offers it; never the same again
  uint32_t format = kStateFormat;
  store::Checkpoint checkpoint;
  std::vector<ManifestFile> files;  // ascending by name, each once

  uint64_t bytes() const;
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

// Letters, digits, '.', '_' and '-', no '.' in front: what may become a file's name here.
bool is_plain_name(std::string_view name);

}  // namespace lode::snapshot
