#include "node/mapping_shelf.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "node/built_in.h"

namespace lode::node {

MappingShelf::MappingShelf(const std::string& folder) : mappings_(read(folder)) {}

MappingShelf::Mappings MappingShelf::read(const std::string& folder) {
  Mappings fresh;
  auto add = [&](std::string_view file, std::string_view text) {
    fresh.insert_or_assign(std::string(file.substr(0, file.rfind('.'))),
                           std::make_shared<const event::Mapping>(event::parse_mapping(text, file)));
  };
  if (folder.empty()) {
    for (const BuiltIn& file : built_in_mappings()) add(file.name, file.text);
  } else {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() != ".toml") continue;
      std::ifstream in(entry.path());
      std::stringstream text;
      text << in.rdbuf();
      add(entry.path().filename().string(), text.str());
    }
  }
  return fresh;
}

void MappingShelf::put(Mappings mappings) {
  std::lock_guard lock(mutex_);
  mappings_.swap(mappings);
}

std::shared_ptr<const event::Mapping> MappingShelf::find(std::string_view name) const {
  std::lock_guard lock(mutex_);
  const auto found = mappings_.find(name);
  return found == mappings_.end() ? nullptr : found->second;
}

}  // namespace lode::node
