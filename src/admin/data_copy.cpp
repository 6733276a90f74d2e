#include "admin/data_copy.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace lode::admin {

namespace {

namespace fs = std::filesystem;

constexpr int kTries = 20;
constexpr std::chrono::milliseconds kLook{20};
constexpr int kLooks = 1500;  // that the state's last epoch is waited for

// Tables and payloads are never written again; the rest is, so it is copied.
void link_or_copy(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  for (const auto& entry : fs::directory_iterator(from)) {
    if (!entry.is_regular_file() || entry.path().filename() == "LOCK") continue;
    const fs::path file = to / entry.path().filename();
    const std::string extension = entry.path().extension();
    if (extension == ".sst" || extension == ".blob")
      fs::create_hard_link(entry.path(), file);
    else
      fs::copy_file(entry.path(), file);
  }
}

// What the log says that serves; nothing when it can't be read.
std::optional<uint64_t> serving_state(const fs::path& log_folder) {
  try {
    const log::RocksDbLog log({.path = log_folder.string()});
    if (const auto controls = materialize::ControlState::load(log)) return controls->active.folder;
  } catch (const std::runtime_error&) {  // named by who verifies it
  }
  return std::nullopt;
}

// The newest generation that lies there.
std::optional<uint64_t> newest_state(const fs::path& data_dir) {
  std::optional<uint64_t> newest;
  for (const auto& entry : fs::directory_iterator(data_dir)) {
    const std::string name = entry.path().filename();
    if (name == "state") newest = std::max<uint64_t>(newest.value_or(0), 0);
    if (name.starts_with("state.") && name.size() > 6 &&
        name.find_first_not_of("0123456789", 6) == std::string::npos)
      newest = std::max<uint64_t>(newest.value_or(0), std::stoull(name.substr(6)));
  }
  return newest;
}

}  // namespace

fs::path state_path(const fs::path& data_dir, uint64_t number) {
  return data_dir / (number == 0 ? "state" : "state." + std::to_string(number));
}

void remove_copies(const fs::path& data_dir) {
  std::vector<fs::path> left;
  for (const auto& entry : fs::directory_iterator(data_dir))
    if (entry.is_directory() && entry.path().extension() == kCopySuffix) left.push_back(entry.path());
  for (const fs::path& folder : left) fs::remove_all(folder);
}

bool is_inside(const fs::path& path, const fs::path& folder) {
  // A separator at the end is an empty part of its own.
  auto plain = [](const fs::path& named) {
    const fs::path whole = fs::weakly_canonical(fs::absolute(named));
    return whole.has_filename() ? whole : whole.parent_path();
  };
  const fs::path inner = plain(path), outer = plain(folder);
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

bool is_served(const fs::path& data_dir) {
  const int fd = ::open((data_dir / "log" / "LOCK").c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool served = ::fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(fd);
  return served;
}

DataCopy::DataCopy(const LiveData& data, const std::string& name, const Watch& watch)
    : folder_(data.data_dir / name) {
  for (int i = 0; i < kTries; ++i) {
    watch.check();
    fs::remove_all(folder_);
    fs::create_directory(folder_);
    if (take(data, watch)) return;
  }
  fs::remove_all(folder_);
  throw std::runtime_error("the state and the log did not stand still together; try again");
}

// The state first: the log then goes at least as far. False: what was done meanwhile makes that untrue.
bool DataCopy::take(const LiveData& data, const Watch& watch) {
  const auto controls = materialize::ControlState::load(data.log);
  if (!controls) throw std::runtime_error("this node is of no group yet: there is nothing to copy");
  const store::Checkpoint wanted = data.applied();
  // Asked each time: while an epoch is being written no other one is ended.
  for (int i = 0; i < kLooks && data.durable().entry_index < wanted.entry_index; ++i) {
    watch.check();
    data.make_durable();
    std::this_thread::sleep_for(kLook);
  }
  state_ = data.copy_state(state_folder());
  state_number_ = controls->active.folder;
  applied_ = data.applied();
  // A leader may tell a commit before its own disk has it.
  const uint64_t least = std::max(state_.entry_index, applied_.entry_index);
  for (int i = 0; i < kLooks && data.log.last_index(data.group).value < least; ++i)
    std::this_thread::sleep_for(kLook);
  if (data.log.last_index(data.group).value < least) return false;
  data.log.copy_to(log_folder());
  return materialize::ControlState::load(data.log) == controls &&
         (state_.entry_index == 0 || state_.ruleset_hash == controls->active.hash) &&
         data.log.first_index(data.group).value <= state_.entry_index + 1;
}

DataCopy::DataCopy(const fs::path& data_dir, const std::string& name) : folder_(data_dir / name) {
  if (!fs::exists(data_dir / "log"))
    throw std::runtime_error(data_dir.string() + " is no data folder: it has no log");
  if (is_served(data_dir))
    throw std::runtime_error("a loded serves " + data_dir.string() + ": ask it, or stop it");
  fs::remove_all(folder_);
  link_or_copy(data_dir / "log", log_folder());
  const auto number = serving_state(log_folder());
  state_number_ = number ? *number : newest_state(data_dir).value_or(0);
  if (fs::exists(state_path(data_dir, state_number_)))
    link_or_copy(state_path(data_dir, state_number_), state_folder());
}

DataCopy::~DataCopy() {
  std::error_code ignored;  // the next one removes it
  fs::remove_all(folder_, ignored);
}

}  // namespace lode::admin
