// The data folder, opened.
#pragma once

#include <memory>

#include "log/rocksdb_log.h"
#include "node/config.h"
#include "store/hash96.h"

namespace lode::node {

// Makes the folder when it is not there. Throws std::runtime_error with a sentence for one that is no
// server's to open: a restore that is not done, a state of the past; log::OpenFailed.
std::unique_ptr<log::RocksDbLog> open_log(const Config& config);

// The secret that keys the id hashes; made at the cluster's first start, kept in the log's own facts.
store::Hasher hasher_of(log::Log& log);

}  // namespace lode::node
