// The CSV mappings by name: those that come with the program, or those of a folder in their place. They can
// be read again while requests use them; each keeps the one it began with. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "event/mapping.h"

namespace lode::node {

class MappingShelf {
 public:
  // `folder`: of *.toml files; "": the built-in ones. Throws std::exception with a sentence: a file that is
  // no mapping, a folder that can't be read.
  explicit MappingShelf(const std::string& folder);
  using Mappings = std::map<std::string, std::shared_ptr<const event::Mapping>, std::less<>>;
  static Mappings read(const std::string& folder);  // throws as the constructor
  void put(Mappings mappings);                      // in the place of those that are here
  std::shared_ptr<const event::Mapping> find(std::string_view name) const;  // null: there is none

 private:
  mutable std::mutex mutex_;
  Mappings mappings_;
};

}  // namespace lode::node
