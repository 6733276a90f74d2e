#include "admin/task_files.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "snapshot/file.h"

namespace lode::admin {

TaskFiles::TaskFiles(std::filesystem::path folder) : folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
}

std::filesystem::path TaskFiles::path_of(const std::string& id) const { return folder_ / (id + ".json"); }

std::vector<KeptTask> TaskFiles::load(const std::function<void(const std::string& sentence)>& say) {
  std::vector<KeptTask> out;
  std::vector<std::filesystem::path> broken;
  for (const auto& file : std::filesystem::directory_iterator(folder_)) {
    if (file.path().extension() == ".new") broken.push_back(file.path());  // a kill came before its rename
    if (file.path().extension() != ".json") continue;
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    try {
      KeptTask kept = decode_task(bytes);
      if (path_of(kept.task.id) != file.path()) throw std::runtime_error("it has another task's name");
      out.push_back(std::move(kept));
    } catch (const std::runtime_error& error) {
      say("the task in " + file.path().string() + " can't be read and is forgotten: " + error.what());
      broken.push_back(file.path());
    }
  }
  for (const auto& path : broken) std::filesystem::remove(path);
  std::sort(out.begin(), out.end(), [](const KeptTask& one, const KeptTask& other) {
    return number_of(one.task.id) < number_of(other.task.id);
  });
  return out;
}

void TaskFiles::save(const Task& task, std::string_view memo) {
  const std::filesystem::path path = path_of(task.id);
  std::filesystem::path unfinished = path;
  unfinished += ".new";
  {
    snapshot::File file = snapshot::File::create(unfinished);
    file.write(0, encode(task, memo));
    file.sync();
  }
  std::filesystem::rename(unfinished, path);
  snapshot::sync_folder(folder_);
}

void TaskFiles::remove(const std::string& id) { std::filesystem::remove(path_of(id)); }

uint64_t number_of(const std::string& id) {
  uint64_t out = 0;
  const size_t dash = id.rfind('-');
  if (dash != std::string::npos) std::from_chars(id.data() + dash + 1, id.data() + id.size(), out);
  return out;
}

}  // namespace lode::admin
