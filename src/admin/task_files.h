// The files in which tasks are kept, one each: <folder>/<id>.json. A file is written whole or not at all. One
// thread at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "admin/task.h"

namespace lode::admin {

class TaskFiles {
 public:
  // Makes the folder. Throws std::filesystem::filesystem_error.
  explicit TaskFiles(std::filesystem::path folder);

  // In the order of their start. What can't be read is told, and removed: it is history, not data.
  std::vector<KeptTask> load(const std::function<void(const std::string& sentence)>& say);
  // Durable when it returns. Throws std::system_error.
  void save(const Task& task, std::string_view memo);
  void remove(const std::string& id);

 private:
  std::filesystem::path path_of(const std::string& id) const;

  const std::filesystem::path folder_;
};

// The number at the end of "replay-12".
uint64_t number_of(const std::string& id);

}  // namespace lode::admin
