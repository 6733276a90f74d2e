#include "node/data_folder.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <stdexcept>

#include "admin/past.h"
#include "admin/restore.h"

namespace lode::node {

store::Hasher hasher_of(log::Log& log) {
  std::array<uint8_t, 16> secret{};
  auto kept = log.get_meta("secret");
  if (!kept) {
    if (sodium_init() < 0) throw std::runtime_error("the system has no source of random numbers");
    randombytes_buf(secret.data(), secret.size());
    log.put_meta("secret", {reinterpret_cast<const char*>(secret.data()), secret.size()});
    return store::Hasher(secret);
  }
  if (kept->size() != secret.size()) throw std::runtime_error("the log's secret is damaged");
  std::copy(kept->begin(), kept->end(), secret.begin());
  return store::Hasher(secret);
}

std::unique_ptr<log::RocksDbLog> open_log(const Config& config) {
  if (std::filesystem::exists(std::filesystem::path(config.data_dir) / admin::kRestoring))
    throw std::runtime_error("a restore into " + config.data_dir +
                             " is not done: `lodectl restore` again ends it");
  if (admin::is_past(config.data_dir))
    throw std::runtime_error(config.data_dir + " holds a state of the past: it is served with --read-only");
  if (std::filesystem::create_directories(config.data_dir))
    std::filesystem::permissions(config.data_dir, std::filesystem::perms::owner_all);
  return std::make_unique<log::RocksDbLog>(log::RocksDbLogOptions{.path = config.data_dir + "/log"});
}

}  // namespace lode::node
